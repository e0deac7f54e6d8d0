#include "markup/markdown_guard.h"
#include "markup/markup.h"
#include "text/utf8.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <string.h>

/* GitHub's Markdown by way of libcmark-gfm. Its tree may be as deep as the source is long, so it is
 * walked with its iterator and never by recursion; what it would take too long for is read as plain
 * text (markup/markdown_guard.h). It keeps state of its own between calls: one parse at a time. */

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

enum { TEXT_MAX = 1 << 30 };

typedef enum node_kind { OTHER, STRIKE, TABLE, TABLE_HEADER, TABLE_ROW, TABLE_CELL } node_kind;

/* What the open list holds at the moment. */
typedef enum list_kind { NO_LIST, ITEMS, TASKS, DECISIONS } list_kind;

typedef struct reader {
    jd_mk_doc  *d;
    cmark_iter *it;
    jd_str      source;
    jd_buf      text; /* not yet given to the document: all of the same marks and link */
    unsigned    text_marks;
    uint32_t    text_link;
    uint32_t    link;
    jd_str      url;               /* the last address */
    unsigned    deep[JD_MK_MARKS]; /* how often each mark is open by Markdown */
    unsigned    html[JD_MK_MARKS]; /* and by a tag */
    bool        trim;              /* blanks at the front of the block's text are left out */
    uint32_t   *line;              /* where each line begins; made when first asked for */
    uint32_t    lines;
} reader;

static node_kind kind_of(cmark_node *n)
{
    static const struct {
        const char *name;
        node_kind   kind;
    } kinds[]        = {{"strikethrough", STRIKE},
                        {"table", TABLE},
                        {"table_header", TABLE_HEADER},
                        {"table_row", TABLE_ROW},
                        {"table_cell", TABLE_CELL}};
    const char *name = cmark_node_get_type_string(n);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0)
            return kinds[i].kind;
    return OTHER;
}

static bool is(cmark_node *n, cmark_node_type type)
{
    return n && cmark_node_get_type(n) == type;
}

static bool is_task(cmark_node *item)
{
    return strcmp(cmark_node_get_type_string(item), "tasklist") == 0;
}

static void skip(reader *r, cmark_node *n)
{
    cmark_iter_reset(r->it, n, CMARK_EVENT_EXIT);
}

/* ---- text ---- */

/* Without what an entity may have brought in; a line break is a blank. */
static jd_str kept(reader *r, jd_str s, bool lines)
{
    jd_str copy = jd_arena_dup(r->d->arena, s);
    if (jd_utf8_clean_prefix(copy) < copy.n) {
        jd_buf clean = JD_BUF_INIT(TEXT_MAX);
        (void)jd_utf8_clean(&clean, copy, JD_CLEAN_LINES);
        copy = jd_arena_dup(r->d->arena, jd_buf_view(&clean));
        jd_buf_release(&clean);
    }
    if (!lines && jd_str_find(copy, '\n') < copy.n) {
        char *p = jd_arena_bytes(r->d->arena, copy.n);
        for (size_t i = 0; i < copy.n; i++)
            p[i] = copy.p[i] == '\n' ? ' ' : copy.p[i];
        copy.p = p;
    }
    return copy;
}

static jd_str keptz(reader *r, const char *z)
{
    return kept(r, jd_str_of(z), false);
}

/* A link's address; the same one again is not copied again. */
static jd_str kept_url(reader *r, cmark_node *n)
{
    jd_str url = jd_str_of(cmark_node_get_url(n));
    if (!r->url.p || !jd_str_eq(url, r->url))
        r->url = kept(r, url, false);
    return r->url;
}

static void flush(reader *r)
{
    if (r->text.n)
        jd_mk_text(r->d, kept(r, jd_buf_view(&r->text), false), r->text_marks, r->text_link);
    jd_buf_reset(&r->text);
}

static unsigned marks(const reader *r)
{
    unsigned out = 0;
    for (unsigned i = 0; i < JD_MK_MARKS; i++)
        if (r->deep[i] || r->html[i])
            out |= 1U << i;
    return out;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void add_text(reader *r, jd_str s, unsigned with)
{
    unsigned now = marks(r) | with;
    if (r->text.n && (r->text_marks != now || r->text_link != r->link))
        flush(r);
    while (r->trim && !with && s.n && is_blank(s.p[0]))
        s = (jd_str){s.p + 1, s.n - 1};
    if (s.n == 0)
        return;
    r->trim       = false;
    r->text_marks = now;
    r->text_link  = r->link;
    jd_buf_adds(&r->text, s);
}

static void trim_end(reader *r)
{
    while (r->text.n && !(r->text_marks & JD_MK_MONO) && is_blank(r->text.p[r->text.n - 1]))
        r->text.n--;
}

static void add_break(reader *r)
{
    trim_end(r);
    flush(r);
    r->trim = true;
    jd_mk_leaf(r->d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
}

static unsigned *depth_of(unsigned depth[JD_MK_MARKS], unsigned mark)
{
    return &depth[__builtin_ctz(mark)];
}

/* A tag of HTML that means a mark, or 0. */
static unsigned tag_mark(jd_str name)
{
    static const struct {
        jd_str   name;
        unsigned mark;
    } tags[] = {
        {JD_STR_INIT("u"), JD_MK_UNDERLINE},   {JD_STR_INIT("ins"), JD_MK_UNDERLINE},
        {JD_STR_INIT("sub"), JD_MK_SUB},       {JD_STR_INIT("sup"), JD_MK_SUP},
        {JD_STR_INIT("strong"), JD_MK_STRONG}, {JD_STR_INIT("b"), JD_MK_STRONG},
        {JD_STR_INIT("em"), JD_MK_EM},         {JD_STR_INIT("i"), JD_MK_EM},
        {JD_STR_INIT("del"), JD_MK_STRIKE},    {JD_STR_INIT("s"), JD_MK_STRIKE},
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (jd_str_ieq(name, tags[i].name))
            return tags[i].mark;
    return 0;
}

/* "<u>", "</u>", "<br />"; other tags are text as they stand, comments are nothing. */
static void add_tag(reader *r, jd_str tag)
{
    if (jd_str_starts(tag, JD_STR("<!--")))
        return;
    jd_str name = tag.n > 2 ? jd_str_cut(tag, 1, tag.n - 2) : JD_NOSTR;
    bool   end  = name.n && name.p[0] == '/';
    if (end)
        name = jd_str_cut(name, 1, name.n);
    else if (name.n && name.p[name.n - 1] == '/')
        name.n--;
    name          = jd_str_trim(name);
    unsigned mark = tag_mark(name);
    if (!end && jd_str_ieq(name, JD_STR("br"))) {
        add_break(r);
    } else if (mark) {
        unsigned *depth = depth_of(r->html, mark);
        *depth          = !end ? *depth + 1 : *depth ? *depth - 1 : 0;
    } else {
        add_text(r, tag, 0);
    }
}

/* The words of n and all below it, without marks. */
static jd_str words_of(reader *r, cmark_node *n)
{
    jd_buf      out = JD_BUF_INIT(TEXT_MAX);
    cmark_iter *it  = cmark_iter_new(n);
    for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE;) {
        cmark_node *at = cmark_iter_get_node(it);
        if (ev == CMARK_EVENT_EXIT)
            continue;
        if (is(at, CMARK_NODE_SOFTBREAK) || is(at, CMARK_NODE_LINEBREAK))
            jd_buf_addc(&out, ' ');
        else if (is(at, CMARK_NODE_TEXT) || is(at, CMARK_NODE_CODE))
            jd_buf_addz(&out, cmark_node_get_literal(at));
    }
    cmark_iter_free(it);
    jd_str words = kept(r, jd_buf_view(&out), false);
    jd_buf_release(&out);
    return words;
}

/* ---- leaves ---- */

static const jd_str media = JD_STR_INIT("media:");

static void add_image(reader *r, cmark_node *n)
{
    jd_str dest = kept_url(r, n);
    jd_str alt  = words_of(r, n);
    if (!jd_mk_safe(dest)) {
        jd_mk_warn(r->d, JD_MK_W_UNSAFE_LINK);
        add_text(r, alt, 0);
        return;
    }
    flush(r);
    r->trim = false;
    jd_mk_leaf(r->d, JD_MK_IMAGE, alt, marks(r), r->link, jd_mk_more(r->d, JD_NOSTR, dest));
}

/* A link to media is a file; other links are around what they hold. */
static bool enter_link(reader *r, cmark_node *n)
{
    jd_str dest = kept_url(r, n);
    if (jd_str_starts(dest, media)) {
        flush(r);
        r->trim = false;
        jd_mk_leaf(r->d, JD_MK_FILE, words_of(r, n), marks(r), 0, jd_mk_more(r->d, JD_NOSTR, dest));
        return false;
    }
    flush(r);
    r->link = jd_mk_link(r->d, dest, keptz(r, cmark_node_get_title(n)));
    return true;
}

static void add_code_block(reader *r, cmark_node *n)
{
    jd_str info = jd_str_trim(keptz(r, cmark_node_get_fence_info(n))), rest = info, language;
    jd_str text = kept(r, jd_str_of(cmark_node_get_literal(n)), true);
    if (text.n && text.p[text.n - 1] == '\n')
        text.n--;
    if (!jd_str_split(&rest, ' ', &language))
        language = JD_NOSTR;
    jd_mk_open(r->d, JD_MK_CODE, 0, language);
    jd_mk_text(r->d, text, 0, 0);
    jd_mk_close(r->d);
}

/* A block of HTML: comments are nothing, the rest is text, line by line. */
static void add_html_block(reader *r, cmark_node *n)
{
    jd_str rest = kept(r, jd_str_of(cmark_node_get_literal(n)), true), line;
    if (jd_str_starts(jd_str_trim(rest), JD_STR("<!--"))) {
        size_t end = jd_str_search(rest, JD_STR("-->"));
        rest       = jd_str_cut(rest, end < rest.n ? end + 3 : end, rest.n);
    }
    rest = jd_str_trim(rest);
    if (rest.n == 0)
        return;
    jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    for (bool first = true; jd_str_split(&rest, '\n', &line); first = false) {
        if (!first)
            jd_mk_leaf(r->d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
        jd_mk_text(r->d, jd_str_trim(line), 0, 0);
    }
    jd_mk_close(r->d);
}

static void end_text(reader *r)
{
    trim_end(r);
    flush(r);
    memset(r->html, 0, sizeof r->html);
    r->trim = false;
}

/* ---- what the source says where the tree does not ---- */

/* The source from a line (from 1) and column on. */
static jd_str source_at(reader *r, int line, int column)
{
    if (!r->line) {
        uint32_t n = 1;
        for (size_t i = 0; i < r->source.n; i++)
            n += r->source.p[i] == '\n';
        r->line  = jd_arena_zarray(r->d->arena, n, sizeof *r->line);
        r->lines = n;
        n        = 1;
        for (size_t i = 0; i < r->source.n; i++)
            if (r->source.p[i] == '\n')
                r->line[n++] = (uint32_t)(i + 1);
    }
    if (line < 1 || (uint32_t)line > r->lines || column < 1)
        return JD_NOSTR;
    return jd_str_cut(r->source, (size_t)r->line[line - 1] + (size_t)column - 1, r->source.n);
}

/* Whether a task's box is ticked: libcmark-gfm 0.29.0.gfm.6 looks for an x in the whole line. */
static bool is_done(reader *r, cmark_node *item)
{
    jd_str s  = source_at(r, cmark_node_get_start_line(item), cmark_node_get_start_column(item));
    size_t at = jd_str_find(jd_str_cut(s, 0, 64), '[');
    return at + 1 < s.n && (s.p[at + 1] == 'x' || s.p[at + 1] == 'X');
}

/* ---- lists ---- */

static const jd_str decision = JD_STR_INIT("Decision:");

/* One paragraph that begins with a strong "Decision:". */
static bool is_decision(cmark_node *item)
{
    cmark_node *paragraph = cmark_node_first_child(item);
    if (!is(paragraph, CMARK_NODE_PARAGRAPH) || cmark_node_next(paragraph))
        return false;
    cmark_node *strong = cmark_node_first_child(paragraph);
    cmark_node *text   = is(strong, CMARK_NODE_STRONG) ? cmark_node_first_child(strong) : NULL;
    return is(text, CMARK_NODE_TEXT) && !cmark_node_next(text) &&
           jd_str_eq(jd_str_of(cmark_node_get_literal(text)), decision);
}

static list_kind item_kind(cmark_node *item)
{
    if (is_task(item))
        return TASKS;
    return cmark_node_get_list_type(cmark_node_parent(item)) == CMARK_BULLET_LIST &&
                   is_decision(item)
               ? DECISIONS
               : ITEMS;
}

static bool all_tasks(cmark_node *list)
{
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item))
        if (!is_task(item))
            return false;
    return true;
}

/* A task of one paragraph, maybe with tasks below it, holds its text without a paragraph; those
 * tasks then follow it as a list among its siblings, as in ADF. */
static bool holds_text_only(cmark_node *item)
{
    cmark_node *child = cmark_node_first_child(item);
    if (child && !is(child, CMARK_NODE_PARAGRAPH))
        return false;
    for (child = child ? cmark_node_next(child) : NULL; child; child = cmark_node_next(child))
        if (!is(child, CMARK_NODE_LIST) || !all_tasks(child))
            return false;
    return true;
}

static bool is_bare(cmark_node *paragraph)
{
    cmark_node *item = cmark_node_parent(paragraph);
    if (!item || cmark_node_first_child(item) != paragraph || !is(item, CMARK_NODE_ITEM))
        return false;
    return is_task(item) ? holds_text_only(item) : item_kind(item) == DECISIONS;
}

/* How many items of its list were before this one; counted in the list's node. */
static uint32_t place_of(cmark_node *item)
{
    cmark_node *list  = cmark_node_parent(item);
    uintptr_t   place = (uintptr_t)cmark_node_get_user_data(list);
    (void)cmark_node_set_user_data(list, (void *)(place + 1));
    return (uint32_t)place;
}

/* The first item of a run of items of one kind opens its list, the last one closes it. */
static void open_list(reader *r, cmark_node *item, list_kind kind)
{
    cmark_node *list = cmark_node_parent(item), *before = cmark_node_previous(item);
    uint32_t    place = place_of(item);
    if (before && item_kind(before) == kind)
        return;
    if (kind == TASKS) {
        jd_mk_open(r->d, JD_MK_TASKS, 0, JD_NOSTR);
    } else if (kind == DECISIONS) {
        jd_mk_open(r->d, JD_MK_DECISIONS, 0, JD_NOSTR);
    } else if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST) {
        uint32_t start = (uint32_t)cmark_node_get_list_start(list);
        jd_mk_open(r->d, JD_MK_ORDERED, start + place, JD_NOSTR);
    } else {
        jd_mk_open(r->d, JD_MK_BULLETS, 0, JD_NOSTR);
    }
}

static void enter_item(reader *r, cmark_node *item)
{
    list_kind kind = item_kind(item);
    open_list(r, item, kind);
    if (kind == TASKS)
        jd_mk_open(r->d, JD_MK_TASK, is_done(r, item), JD_NOSTR);
    else
        jd_mk_open(r->d, kind == DECISIONS ? JD_MK_DECISION : JD_MK_ITEM, 0, JD_NOSTR);
    if (kind == TASKS && !cmark_node_first_child(item))
        jd_mk_close(r->d);
}

static void leave_item(reader *r, cmark_node *item)
{
    list_kind   kind = item_kind(item);
    cmark_node *next = cmark_node_next(item);
    if (kind != TASKS || !holds_text_only(item))
        jd_mk_close(r->d);
    if (!next || item_kind(next) != kind)
        jd_mk_close(r->d);
}

/* ---- other blocks ---- */

static bool alert_of(jd_str name, uint32_t *panel)
{
    static const struct {
        jd_str      name;
        jd_mk_panel panel;
    } alerts[] = {
        {JD_STR_INIT("[!NOTE]"), JD_MK_PANEL_INFO},
        {JD_STR_INIT("[!IMPORTANT]"), JD_MK_PANEL_NOTE},
        {JD_STR_INIT("[!TIP]"), JD_MK_PANEL_TIP},
        {JD_STR_INIT("[!WARNING]"), JD_MK_PANEL_WARNING},
        {JD_STR_INIT("[!CAUTION]"), JD_MK_PANEL_ERROR},
    };
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++)
        if (jd_str_ieq(name, alerts[i].name)) {
            *panel = alerts[i].panel;
            return true;
        }
    return false;
}

/* The alert that a quote's first line says, and the paragraph's first node after that line. */
static bool begins_alert(reader *r, cmark_node *quote, uint32_t *panel)
{
    enum { LONGEST = 16 };
    cmark_node *paragraph = cmark_node_first_child(quote);
    char        name[LONGEST];
    size_t      n = 0;
    if (!is(paragraph, CMARK_NODE_PARAGRAPH))
        return false;
    for (cmark_node *at = cmark_node_first_child(paragraph); at && !is(at, CMARK_NODE_SOFTBREAK);
         at             = cmark_node_next(at)) {
        jd_str s = is(at, CMARK_NODE_TEXT) ? jd_str_of(cmark_node_get_literal(at)) : JD_NOSTR;
        if (s.n == 0 || n + s.n > LONGEST)
            return false;
        memcpy(name + n, s.p, s.n);
        n += s.n;
    }
    jd_str line =
        source_at(r, cmark_node_get_start_line(paragraph), cmark_node_get_start_column(paragraph));
    return line.n && line.p[0] == '[' && alert_of(jd_str_trim((jd_str){name, n}), panel);
}

static void enter_quote(reader *r, cmark_node *quote)
{
    uint32_t panel;
    if (!begins_alert(r, quote, &panel)) {
        jd_mk_open(r->d, JD_MK_QUOTE, 0, JD_NOSTR);
        return;
    }
    jd_mk_open(r->d, JD_MK_PANEL, panel, JD_NOSTR);
    cmark_node *paragraph = cmark_node_first_child(quote);
    for (cmark_node *at = cmark_node_first_child(paragraph), *next; at; at = next) {
        bool end = is(at, CMARK_NODE_SOFTBREAK);
        next     = end ? NULL : cmark_node_next(at);
        cmark_node_free(at);
    }
    if (!cmark_node_first_child(paragraph))
        cmark_node_free(paragraph);
    cmark_iter_reset(r->it, quote, CMARK_EVENT_ENTER);
}

static bool is_figure(cmark_node *paragraph)
{
    cmark_node *image = cmark_node_first_child(paragraph);
    return is(image, CMARK_NODE_IMAGE) && !cmark_node_next(image);
}

static void enter_paragraph(reader *r, cmark_node *n)
{
    r->trim = true;
    if (!is_bare(n))
        jd_mk_open(r->d, is_figure(n) ? JD_MK_FIGURE : JD_MK_PARAGRAPH, 0, JD_NOSTR);
    else if (!is_task(cmark_node_parent(n)))
        cmark_iter_reset(r->it, cmark_node_first_child(n), CMARK_EVENT_EXIT);
}

static void leave_paragraph(reader *r, cmark_node *n)
{
    cmark_node *item = cmark_node_parent(n);
    end_text(r);
    if (!is_bare(n) || is_task(item))
        jd_mk_close(r->d);
}

static bool is_empty_row(cmark_node *row)
{
    for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell))
        if (cmark_node_first_child(cell))
            return false;
    return true;
}

static void enter_cell(reader *r, cmark_node *cell)
{
    bool header = kind_of(cmark_node_parent(cell)) == TABLE_HEADER;
    jd_mk_open(r->d, JD_MK_CELL, jd_mk_cell(header, 1, 1), JD_NOSTR);
    r->trim = true;
}

/* What an extension made. */
static void walk_extension(reader *r, cmark_node *n, bool enter)
{
    node_kind kind = kind_of(n);
    switch (kind) {
    case STRIKE:
        *depth_of(r->deep, JD_MK_STRIKE) += enter ? 1U : -1U;
        return;
    case TABLE:
        if (enter)
            jd_mk_open(r->d, JD_MK_TABLE, 0, JD_NOSTR);
        break;
    case TABLE_HEADER:
    case TABLE_ROW:
        if (enter && kind == TABLE_HEADER && is_empty_row(n)) {
            cmark_iter_reset(r->it, n, CMARK_EVENT_EXIT);
            return;
        }
        if (enter)
            jd_mk_open(r->d, JD_MK_ROW, 0, JD_NOSTR);
        break;
    case TABLE_CELL:
        if (enter)
            enter_cell(r, n);
        else
            end_text(r);
        break;
    case OTHER:
        return;
    }
    if (!enter)
        jd_mk_close(r->d);
}

static void walk_block(reader *r, cmark_node *n, bool enter)
{
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_PARAGRAPH:
        (enter ? enter_paragraph : leave_paragraph)(r, n);
        return;
    case CMARK_NODE_HEADING:
        r->trim = enter;
        if (enter) {
            jd_mk_open(r->d, JD_MK_HEADING, (uint32_t)cmark_node_get_heading_level(n), JD_NOSTR);
            return;
        }
        end_text(r);
        jd_mk_close(r->d);
        return;
    case CMARK_NODE_BLOCK_QUOTE:
        if (enter)
            enter_quote(r, n);
        else
            jd_mk_close(r->d);
        return;
    case CMARK_NODE_ITEM:
        (enter ? enter_item : leave_item)(r, n);
        return;
    case CMARK_NODE_CODE_BLOCK:
        add_code_block(r, n);
        return;
    case CMARK_NODE_HTML_BLOCK:
        add_html_block(r, n);
        return;
    case CMARK_NODE_THEMATIC_BREAK:
        jd_mk_leaf(r->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
        return;
    default:
        walk_extension(r, n, enter);
        return;
    }
}

static void walk_inline(reader *r, cmark_node *n, bool enter)
{
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_TEXT:
        add_text(r, jd_str_of(cmark_node_get_literal(n)), 0);
        return;
    case CMARK_NODE_SOFTBREAK:
        add_text(r, JD_STR(" "), 0);
        return;
    case CMARK_NODE_LINEBREAK:
        add_break(r);
        return;
    case CMARK_NODE_CODE:
        add_text(r, jd_str_of(cmark_node_get_literal(n)), JD_MK_MONO);
        return;
    case CMARK_NODE_HTML_INLINE:
        add_tag(r, jd_str_of(cmark_node_get_literal(n)));
        return;
    case CMARK_NODE_EMPH:
        *depth_of(r->deep, JD_MK_EM) += enter ? 1U : -1U;
        return;
    case CMARK_NODE_STRONG:
        *depth_of(r->deep, JD_MK_STRONG) += enter ? 1U : -1U;
        return;
    case CMARK_NODE_LINK:
        if (!enter) {
            flush(r);
            r->link = 0;
        } else if (!enter_link(r, n)) {
            skip(r, n);
        }
        return;
    case CMARK_NODE_IMAGE:
        add_image(r, n);
        skip(r, n);
        return;
    default:
        walk_extension(r, n, enter);
        return;
    }
}

static void walk(reader *r, cmark_node *root)
{
    r->it = cmark_iter_new(root);
    for (cmark_event_type ev; (ev = cmark_iter_next(r->it)) != CMARK_EVENT_DONE;) {
        cmark_node *n = cmark_iter_get_node(r->it);
        bool block    = (cmark_node_get_type(n) & CMARK_NODE_TYPE_MASK) == CMARK_NODE_TYPE_BLOCK;
        (block ? walk_block : walk_inline)(r, n, ev == CMARK_EVENT_ENTER);
    }
    cmark_iter_free(r->it);
}

static cmark_node *parse(jd_str source)
{
    static const char *const extensions[] = {"table", "strikethrough", "tasklist", "autolink"};
    cmark_gfm_core_extensions_ensure_registered();
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        (void)cmark_parser_attach_syntax_extension(parser,
                                                   cmark_find_syntax_extension(extensions[i]));
    cmark_parser_feed(parser, source.p, source.n);
    cmark_node *root = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    return root;
}

void jd_read_markdown(jd_mk_doc *d, jd_str source)
{
    reader r = {.d = d, .text = JD_BUF_INIT(TEXT_MAX)};
    jd_mk_reset(d);
    r.source = jd_utf8_clean_prefix(source) < source.n ? kept(&r, source, true) : source;
    if (!jd_markdown_fits(r.source)) {
        jd_read_text(d, r.source);
        jd_mk_warn(d, JD_MK_W_TANGLED);
        return;
    }
    d->steps += r.source.n;
    (void)pthread_mutex_lock(&one_at_a_time);
    cmark_node *root = parse(r.source);
    walk(&r, root);
    cmark_node_free(root);
    (void)pthread_mutex_unlock(&one_at_a_time);
    jd_mk_finish(d);
    jd_buf_release(&r.text);
}
