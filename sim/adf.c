#include "sim/adf.h"

#include "base/hash.h"
#include "sim/words.h"

#include <stdio.h>

/* -- accounts ---------------------------------------------------------------------------------- */

/* Cloud has two forms of them, old and new. */
jd_str sim_account_id(char out[SIM_ACCOUNT_ID], jd_str user_key)
{
    uint64_t h = jd_hash64(user_key), i = jd_mix64(h);
    int      n = h % 3 == 0
                     ? snprintf(out, SIM_ACCOUNT_ID, "712020:%08x-%04x-4%03x-9%03x-%012llx",
                                (unsigned)(h >> 32), (unsigned)(h & 0xFFFF), (unsigned)(h >> 16 & 0xFFF),
                                (unsigned)(i >> 52), (unsigned long long)(i & 0xFFFFFFFFFFFF))
                     : snprintf(out, SIM_ACCOUNT_ID, "5b%016llx%06x", (unsigned long long)h,
                                (unsigned)(i & 0xFFFFFF));
    return (jd_str){out, (size_t)n};
}

void sim_user_named(jd_str login, jd_str *key, jd_str *name)
{
    *key = *name = login;
    for (size_t i = 0; i < SIM_PEOPLE + SIM_BOTS; i++) {
        if (!jd_str_eq(sim_people[i].login, login))
            continue;
        *key  = sim_people[i].key;
        *name = sim_people[i].name;
    }
}

/* -- nodes ------------------------------------------------------------------------------------- */

static void open_node(jd_jsonw *w, const char *type)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "type", jd_str_of(type));
}

static void open_content(jd_jsonw *w)
{
    jd_jsonw_name(w, "content");
    jd_jsonw_array(w);
}

static void close_content(jd_jsonw *w)
{
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

typedef struct marks {
    bool   code, strong, em;
    jd_str href, color; /* p NULL: none */
} marks;

static void mark(jd_jsonw *w, const char *type)
{
    open_node(w, type);
    jd_jsonw_end(w);
}

static void mark_with(jd_jsonw *w, const char *type, const char *attr, jd_str value)
{
    open_node(w, type);
    jd_jsonw_name(w, "attrs");
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, attr, value);
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

static jd_str color_code(jd_str name)
{
    static const struct {
        const char *name, *code;
    } known[] = {{"green", "#36b37e"}, {"red", "#ff5630"}, {"blue", "#4c9aff"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (jd_str_is(name, known[i].name))
            return jd_str_of(known[i].code);
    return JD_STR("#97a0af");
}

static void text_node(jd_jsonw *w, jd_str text, const marks *m)
{
    if (text.n == 0)
        return;
    open_node(w, "text");
    jd_jsonw_kstr(w, "text", text);
    if (m->code || m->strong || m->em || m->href.p || m->color.p) {
        jd_jsonw_name(w, "marks");
        jd_jsonw_array(w);
        if (m->code)
            mark(w, "code");
        if (m->strong)
            mark(w, "strong");
        if (m->em)
            mark(w, "em");
        if (m->href.p)
            mark_with(w, "link", "href", m->href);
        if (m->color.p && !m->code)
            mark_with(w, "textColor", "color", color_code(m->color));
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

/* -- inline ------------------------------------------------------------------------------------ */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What stands at `at` and reaches to `end`; `inner` is what is shown of it. */
typedef struct span {
    size_t end;
    jd_str inner;
    marks  m;
    bool   mention, hard_break;
} span;

/* The place of `close` at or after `from`, in this line; s.n when there is none. */
static size_t closing(jd_str s, size_t from, jd_str close)
{
    return from + jd_str_search(jd_str_cut(s, from, SIZE_MAX), close);
}

static bool is_address(jd_str s)
{
    return jd_str_starts(s, JD_STR("http://")) || jd_str_starts(s, JD_STR("https://")) ||
           jd_str_starts(s, JD_STR("mailto:"));
}

static bool bracket(jd_str s, size_t at, const marks *m, span *out)
{
    size_t end = closing(s, at + 1, JD_STR("]"));
    if (end >= s.n)
        return false;
    jd_str inner = jd_str_cut(s, at + 1, end - at - 1);
    size_t bar   = jd_str_find(inner, '|');
    *out         = (span){.end = end + 1, .inner = inner, .m = *m};
    if (inner.n > 1 && inner.p[0] == '~') {
        out->inner   = jd_str_cut(inner, 1, SIZE_MAX);
        out->mention = true;
        return true;
    }
    jd_str address = bar < inner.n ? jd_str_cut(inner, bar + 1, SIZE_MAX) : inner;
    out->m.href    = address;
    if (bar < inner.n)
        out->inner = jd_str_cut(inner, 0, bar);
    return out->inner.n > 0 && is_address(address);
}

/* *strong* and _em_: with no word before or after, and nothing blank inside at the ends. */
static bool emphasis(jd_str s, size_t at, const marks *m, span *out)
{
    char   c   = s.p[at];
    size_t end = at + 1;
    if ((at > 0 && is_word(s.p[at - 1])) || end >= s.n || is_blank(s.p[end]) || s.p[end] == c)
        return false;
    for (end++; end < s.n; end++)
        if (s.p[end] == c && !is_blank(s.p[end - 1]) && (end + 1 == s.n || !is_word(s.p[end + 1])))
            break;
    if (end >= s.n)
        return false;
    *out = (span){.end = end + 1, .inner = jd_str_cut(s, at + 1, end - at - 1), .m = *m};
    if (c == '*')
        out->m.strong = true;
    else
        out->m.em = true;
    return true;
}

static bool braces(jd_str s, size_t at, const marks *m, span *out)
{
    static const jd_str color = JD_STR_INIT("{color:"), end_color = JD_STR_INIT("{color}");
    jd_str              rest = jd_str_cut(s, at, SIZE_MAX);
    if (jd_str_starts(rest, JD_STR("{{"))) {
        size_t end = closing(s, at + 2, JD_STR("}}"));
        if (end >= s.n || end == at + 2)
            return false;
        while (end + 2 < s.n && s.p[end + 2] == '}')
            end++;
        *out        = (span){.end = end + 2, .inner = jd_str_cut(s, at + 2, end - at - 2), .m = *m};
        out->m.code = true;
        return true;
    }
    if (!jd_str_starts(rest, color))
        return false;
    size_t brace = closing(s, at, JD_STR("}")), end = closing(s, brace, end_color);
    if (end >= s.n || end == brace + 1)
        return false;
    *out = (span){
        .end = end + end_color.n, .inner = jd_str_cut(s, brace + 1, end - brace - 1), .m = *m};
    out->m.color = jd_str_cut(s, at + color.n, brace - at - color.n);
    return true;
}

static bool address(jd_str s, size_t at, const marks *m, span *out)
{
    size_t end = at;
    if ((at > 0 && is_word(s.p[at - 1])) || m->href.p || !is_address(jd_str_cut(s, at, SIZE_MAX)))
        return false;
    while (end < s.n && !is_blank(s.p[end]) && s.p[end] != '|' && s.p[end] != ']' &&
           s.p[end] != ')')
        end++;
    while (end > at && (s.p[end - 1] == '.' || s.p[end - 1] == ','))
        end--;
    *out        = (span){.end = end, .inner = jd_str_cut(s, at, end - at), .m = *m};
    out->m.href = out->inner;
    return true;
}

static bool span_at(jd_str s, size_t at, const marks *m, span *out)
{
    switch (s.p[at]) { /* at < s.n; NOLINT(clang-analyzer-core.NullDereference) */
    case '[':
        return !m->href.p && bracket(s, at, m, out);
    case '{':
        return braces(s, at, m, out);
    case '*':
        return !m->strong && emphasis(s, at, m, out);
    case '_':
        return !m->em && emphasis(s, at, m, out);
    case 'h':
    case 'm':
        return address(s, at, m, out);
    case '\\':
        *out = (span){.end = at + 2, .hard_break = true};
        return at + 1 < s.n && s.p[at + 1] == '\\';
    default:
        return false;
    }
}

static void mention(jd_jsonw *w, jd_str login)
{
    char   id[SIM_ACCOUNT_ID];
    jd_str key, name;
    sim_user_named(login, &key, &name);
    open_node(w, "mention");
    jd_jsonw_name(w, "attrs");
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "id", sim_account_id(id, key));
    jd_jsonw_name(w, "text");
    jd_jsonw_open_str(w);
    jd_jsonw_more_str(w, JD_STR("@"));
    jd_jsonw_more_str(w, name);
    jd_jsonw_close_str(w);
    jd_jsonw_kstr(w, "accessLevel", JD_STR(""));
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

static void inlines(jd_jsonw *w, jd_str s, marks m)
{
    size_t from = 0, at = 0;
    span   it;
    while (at < s.n) {
        if (!span_at(s, at, &m, &it)) {
            at++;
            continue;
        }
        text_node(w, jd_str_cut(s, from, at - from), &m);
        if (it.mention)
            mention(w, it.inner);
        else if (it.hard_break)
            mark(w, "hardBreak");
        else if (it.m.code || it.m.href.p)
            text_node(w, it.inner, &it.m);
        else
            inlines(w, it.inner, it.m); /* at most strong in em in color: each mark but once */
        from = at = it.end;
    }
    text_node(w, jd_str_cut(s, from, SIZE_MAX), &m);
}

/* -- blocks ------------------------------------------------------------------------------------ */

static const marks PLAIN;

/* Line by line; at: where the next one begins. */
typedef struct lines {
    jd_str text;
    size_t at;
} lines;

static bool next_line(lines *l, jd_str *line)
{
    if (l->at >= l->text.n)
        return false;
    size_t n = jd_str_find(jd_str_cut(l->text, l->at, SIZE_MAX), '\n');
    *line    = jd_str_cut(l->text, l->at, n);
    l->at += n + 1;
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

static bool peek_line(const lines *l, jd_str *line)
{
    lines copy = *l;
    return next_line(&copy, line);
}

typedef struct paragraph {
    jd_jsonw *w;
    bool      open;
} paragraph;

static void paragraph_end(paragraph *p)
{
    if (p->open)
        close_content(p->w);
    p->open = false;
}

static void paragraph_line(paragraph *p, jd_str line)
{
    if (p->open) {
        mark(p->w, "hardBreak");
    } else {
        open_node(p->w, "paragraph");
        open_content(p->w);
        p->open = true;
    }
    inlines(p->w, line, PLAIN);
}

static void paragraphs(jd_jsonw *w, jd_str text)
{
    lines     l = {text, 0};
    paragraph p = {w, false};
    jd_str    line;
    bool      any = false;
    while (next_line(&l, &line)) {
        if (jd_str_trim(line).n == 0) {
            paragraph_end(&p);
            continue;
        }
        paragraph_line(&p, line);
        any = true;
    }
    if (!any) {
        open_node(w, "paragraph");
        open_content(w);
        p.open = true;
    }
    paragraph_end(&p);
}

/* How many '*', '#' or '-' a list line begins with; 0: it is none. */
static size_t bullets(jd_str line)
{
    size_t n = 0;
    while (n < line.n && (line.p[n] == '*' || line.p[n] == '#' || line.p[n] == '-'))
        n++;
    return n > 0 && n < line.n && line.p[n] == ' ' ? n : 0;
}

static void list(jd_jsonw *w, lines *l, size_t depth)
{
    jd_str line;
    if (!peek_line(l, &line) || line.n < depth)
        return;
    char kind = line.p[depth - 1];
    open_node(w, kind == '#' ? "orderedList" : "bulletList");
    open_content(w);
    while (peek_line(l, &line) && bullets(line) >= depth && line.p[depth - 1] == kind) {
        open_node(w, "listItem");
        open_content(w);
        size_t n = bullets(line);
        if (n == depth || depth == SIM_ADF_DEPTH) {
            (void)next_line(l, &line);
            paragraph p = {w, false};
            paragraph_line(&p, jd_str_cut(line, n + 1, SIZE_MAX));
            paragraph_end(&p);
        } else { /* a deeper one without its own head */
            open_node(w, "paragraph");
            open_content(w);
            close_content(w);
        }
        while (peek_line(l, &line) && bullets(line) > depth && depth < SIM_ADF_DEPTH)
            list(w, l, depth + 1);
        close_content(w);
    }
    close_content(w);
}

/* {code…}, {noformat…}, {quote}, {panel…}: from the brace to its twin. */
typedef struct fence {
    jd_str head, inner; /* head: between the braces */
    size_t end;         /* where the line after it begins */
} fence;

static bool fenced(jd_str text, size_t at, fence *f)
{
    static const jd_str names[] = {JD_STR_INIT("code"), JD_STR_INIT("noformat"),
                                   JD_STR_INIT("quote"), JD_STR_INIT("panel")};
    jd_str              rest    = jd_str_cut(text, at, SIZE_MAX);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char   twin[16];
        size_t brace = jd_str_find(rest, '}');
        if (rest.n == 0 || rest.p[0] != '{' || brace == rest.n)
            return false;
        f->head = jd_str_cut(rest, 1, brace - 1);
        if (!jd_str_starts(f->head, names[i]) ||
            (f->head.n > names[i].n && f->head.p[names[i].n] != ':'))
            continue;
        int    n   = snprintf(twin, sizeof twin, "{%s}", names[i].p);
        size_t end = closing(rest, brace + 1, (jd_str){twin, (size_t)n});
        if (end >= rest.n)
            return false;
        f->inner = jd_str_cut(rest, brace + 1, end - brace - 1);
        f->end   = at + end + (size_t)n;
        return true;
    }
    return false;
}

static jd_str without_edges(jd_str s)
{
    if (jd_str_starts(s, JD_STR("\r\n")))
        s = jd_str_cut(s, 2, SIZE_MAX);
    else if (jd_str_starts(s, JD_STR("\n")))
        s = jd_str_cut(s, 1, SIZE_MAX);
    if (jd_str_ends(s, JD_STR("\r\n")))
        s.n -= 2;
    else if (jd_str_ends(s, JD_STR("\n")))
        s.n--;
    return s;
}

static void code_block(jd_jsonw *w, const fence *f)
{
    jd_str inner = without_edges(f->inner), rest = f->head, word, language = JD_NOSTR;
    (void)jd_str_split(&rest, ':', &word);
    if (jd_str_split(&rest, '|', &word) && jd_str_find(word, '=') == word.n)
        language = word;
    open_node(w, "codeBlock");
    jd_jsonw_name(w, "attrs");
    jd_jsonw_object(w);
    if (language.n > 0)
        jd_jsonw_kstr(w, "language", language);
    jd_jsonw_end(w);
    open_content(w);
    text_node(w, inner, &PLAIN);
    close_content(w);
}

static void fence_write(jd_jsonw *w, const fence *f)
{
    if (jd_str_starts(f->head, JD_STR("code")) || jd_str_starts(f->head, JD_STR("noformat"))) {
        code_block(w, f);
        return;
    }
    bool panel = jd_str_starts(f->head, JD_STR("panel"));
    open_node(w, panel ? "panel" : "blockquote");
    if (panel) {
        jd_jsonw_name(w, "attrs");
        jd_jsonw_object(w);
        jd_jsonw_kstr(w, "panelType", JD_STR("info"));
        jd_jsonw_end(w);
    }
    open_content(w);
    paragraphs(w, without_edges(f->inner));
    close_content(w);
}

static void table_row(jd_jsonw *w, jd_str line)
{
    size_t at = 0;
    line      = jd_str_trim(line);
    open_node(w, "tableRow");
    open_content(w);
    while (at < line.n && line.p[at] == '|') {
        bool   head = at + 1 < line.n && line.p[at + 1] == '|';
        size_t from = at + 1 + head, end = from;
        if (from >= line.n)
            break;
        while (end < line.n && line.p[end] != '|') {
            if (line.p[end] == '[') /* a bar inside is a link's */
                end = closing(line, end, JD_STR("]")) < line.n ? closing(line, end, JD_STR("]"))
                                                               : end;
            end++;
        }
        open_node(w, head ? "tableHeader" : "tableCell");
        jd_jsonw_name(w, "attrs");
        jd_jsonw_object(w);
        jd_jsonw_end(w);
        open_content(w);
        paragraphs(w, jd_str_trim(jd_str_cut(line, from, end - from)));
        close_content(w);
        at = end;
    }
    close_content(w);
}

static bool is_table(jd_str line)
{
    line = jd_str_trim(line);
    return line.n > 2 && line.p[0] == '|' && line.p[line.n - 1] == '|';
}

static void table(jd_jsonw *w, lines *l)
{
    jd_str line;
    open_node(w, "table");
    jd_jsonw_name(w, "attrs");
    jd_jsonw_object(w);
    jd_jsonw_kbool(w, "isNumberColumnEnabled", false);
    jd_jsonw_kstr(w, "layout", JD_STR("default"));
    jd_jsonw_end(w);
    open_content(w);
    while (peek_line(l, &line) && is_table(line)) {
        (void)next_line(l, &line);
        table_row(w, line);
    }
    close_content(w);
}

static bool is_rule(jd_str line)
{
    return jd_str_is(jd_str_trim(line), "----");
}

static void heading(jd_jsonw *w, jd_str line)
{
    open_node(w, "heading");
    jd_jsonw_name(w, "attrs");
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "level", line.p[1] - '0');
    jd_jsonw_end(w);
    open_content(w);
    inlines(w, jd_str_trim(jd_str_cut(line, 3, SIZE_MAX)), PLAIN);
    close_content(w);
}

/* One block that begins at a line; false: the line is a paragraph's. */
static bool block(jd_jsonw *w, lines *l, jd_str line, paragraph *p)
{
    fence f;
    bool  is_heading = line.n > 3 && line.p[0] == 'h' && line.p[1] >= '1' && line.p[1] <= '6' &&
                      line.p[2] == '.' && line.p[3] == ' ';
    if (fenced(l->text, l->at, &f)) {
        paragraph_end(p);
        fence_write(w, &f);
        l->at = f.end;
        if (peek_line(l, &line) && jd_str_trim(line).n == 0)
            (void)next_line(l, &line);
        return true;
    }
    if (is_rule(line) || is_heading || jd_str_starts(line, JD_STR("bq. "))) {
        paragraph_end(p);
        (void)next_line(l, &line);
        if (is_heading) {
            heading(w, line);
        } else if (line.p[0] == 'b') {
            open_node(w, "blockquote");
            open_content(w);
            paragraphs(w, jd_str_cut(line, 4, SIZE_MAX));
            close_content(w);
        } else {
            mark(w, "rule");
        }
        return true;
    }
    if (bullets(line) > 0 || is_table(line)) {
        paragraph_end(p);
        if (bullets(line) > 0)
            list(w, l, 1);
        else
            table(w, l);
        return true;
    }
    return false;
}

void sim_adf_write(jd_jsonw *w, jd_str wiki)
{
    lines     l = {wiki, 0};
    paragraph p = {w, false};
    jd_str    line;
    open_node(w, "doc");
    jd_jsonw_kint(w, "version", 1);
    open_content(w);
    while (peek_line(&l, &line)) {
        if (block(w, &l, line, &p))
            continue;
        (void)next_line(&l, &line);
        if (jd_str_trim(line).n == 0)
            paragraph_end(&p);
        else
            paragraph_line(&p, line);
    }
    paragraph_end(&p);
    close_content(w);
}
