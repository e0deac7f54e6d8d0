/* Links, images and bare URLs: what stands for itself in a line. */
#include "markup/wiki.h"
#include "text/utf8.h"

bool wk_foreign_before(const wk_reader *r, uint32_t p, uint32_t least)
{
    uint32_t at = p - 1;
    while (at > least && p - at < 4 && ((unsigned char)r->s[at] & 0xc0) == 0x80)
        at--;
    return wk_foreign_at(r, at, p);
}

bool wk_foreign_at(const wk_reader *r, uint32_t p, uint32_t to)
{
    jd_str   s = wk_str(r, p, to);
    uint32_t cp;
    return jd_utf8_next(&s, &cp) && jd_utf8_is_alnum(cp);
}

/* URLs that a link may lead to; the first few are links without brackets, too. */
static const struct {
    const char *scheme;
    bool        bare;
} schemes[] = {{"https://", true}, {"http://", true},    {"mailto:", true},    {"ftp://", true},
               {"ftps://", true},  {"file:/", true},     {"irc://", true},     {"nntp://", true},
               {"news://", true},  {"gopher://", false}, {"smb://", false},    {"skype:", false},
               {"callto:", false}, {"facetime:", false}, {"git:", false},      {"irc:", false},
               {"irc6:", false},   {"news:", false},     {"nntp:", false},     {"feed:", false},
               {"cvs:", false},    {"svn:", false},      {"mvn:", false},      {"ssh:", false},
               {"scp://", false},  {"sftp://", false},   {"itms:", false},     {"notes:", false},
               {"urn:", false},    {"tel:", false},      {"xmpp:", false},     {"telnet:", false},
               {"vnc:", false},    {"rdp:", false},      {"whatsapp:", false}, {"slack:", false},
               {"sip:", false},    {"sips:", false},     {"magnet:", false}};

static bool starts_with(jd_str s, const char *word)
{
    size_t n = strlen(word);
    return s.n >= n && jd_str_ieq((jd_str){s.p, n}, (jd_str){word, n});
}

static bool is_url(jd_str s)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (starts_with(s, schemes[i].scheme))
            return s.n > strlen(schemes[i].scheme);
    return false;
}

static bool url_byte(char c)
{
    static const char others[] = "-_.!~*';/?:@#&=%+$,[]()";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr(others, c));
}

bool wk_url(wk_reader *r, uint32_t least, uint32_t p, uint32_t to, uint32_t *from, uint32_t *end)
{
    enum { LONGEST = 6 }; /* letters before a colon */
    uint32_t back = p > least + LONGEST ? p - LONGEST : least;
    size_t   i = 0, n = 0;
    for (; i < sizeof schemes / sizeof *schemes && schemes[i].bare; i++) {
        const char *scheme = schemes[i].scheme;
        uint32_t    word   = (uint32_t)(strchr(scheme, ':') - scheme);
        n                  = strlen(scheme);
        if (p >= back + word && starts_with(wk_str(r, p - word, to), scheme)) {
            *from = p - word;
            break;
        }
    }
    if (i == sizeof schemes / sizeof *schemes || !schemes[i].bare ||
        wk_word_before(r, *from, least))
        return false;
    uint32_t first = *from + (uint32_t)n, q = first;
    while (q < to && url_byte(r->s[q]))
        q++;
    r->d->steps += q - p;
    while (q > first && strchr(".,>)];}\"'!", r->s[q - 1]))
        q--;
    *end = q;
    return q > first;
}

/* Past the bracket that ends what begins at p, or 0. No bracket and no newline may stand within. */
static uint32_t bracket_end(wk_reader *r, uint32_t p, uint32_t to)
{
    uint32_t q = p + 1;
    for (; (q = wk_next_sight(r, q, to)) < to; q++) {
        if (r->s[q] == '[' || r->s[q] == ']' || r->s[q] == '\n')
            break;
        if (r->s[q] == '\\' && q + 1 < to && (r->s[q + 1] == '[' || r->s[q + 1] == ']'))
            q++;
    }
    r->d->steps += q - p;
    return q < to && r->s[q] == ']' ? q + 1 : 0;
}

/* The first "|" that is neither escaped nor between two "!", or `to`. */
static uint32_t bar(wk_reader *r, uint32_t p, uint32_t to)
{
    bool     image = false;
    uint32_t first = to;
    r->d->steps += to - p;
    for (uint32_t q = p; (q = wk_next_stop(r, q, to)) < to; q++) {
        if (r->s[q] == '!')
            image = !image;
        else if (r->s[q] == '|' && !(q > p && r->s[q - 1] == '\\')) {
            if (!image)
                return q;
            first = first < q ? first : q;
        }
    }
    return image ? first : to; /* a lone "!" begins no image */
}

static bool attachment(wk_reader *r, wk_found *f, jd_str name)
{
    jd_str where = JD_NOSTR;
    name         = jd_str_trim(name);
    if (name.n == 0)
        return false;
    if (r->d->names && r->d->names->file)
        where = r->d->names->file(r->d->names->user, JD_NOSTR, name);
    f->dest = where.n ? where : name;
    if (f->text.n == 0)
        f->text = name;
    return true;
}

static bool mention(wk_reader *r, wk_found *f, jd_str who)
{
    if (starts_with(who, "accountid:"))
        who = jd_str_cut(who, 10, who.n);
    who = jd_str_trim(who);
    if (who.n == 0)
        return false;
    f->leaf  = JD_MK_MENTION;
    f->dest  = who;
    f->text  = JD_NOSTR;
    f->alias = f->alias_end = 0;
    if (r->d->names && r->d->names->person)
        f->text = r->d->names->person(r->d->names->user, who);
    return true;
}

static bool issue(wk_reader *r, wk_found *f, jd_str key)
{
    if (!r->d->names || !r->d->names->issue || !jd_is_issue_key(key))
        return false;
    f->dest = r->d->names->issue(r->d->names->user, key);
    f->text = key;
    return f->dest.n > 0;
}

static bool url(wk_found *f, jd_str target)
{
    bool shown = f->alias < f->alias_end;
    if (!jd_mk_safe(target))
        return false;
    f->dest = target;
    f->text = starts_with(target, "mailto:") ? jd_str_cut(target, 7, target.n) : target;
    if (f->title.n == 0)
        return true;
    if (jd_str_is(f->title, "smart-link") || jd_str_is(f->title, "smart-card") ||
        jd_str_is(f->title, "smart-embed") || jd_str_is(f->title, "block-link")) {
        f->title = JD_NOSTR;
        if (!shown)
            f->leaf = JD_MK_INLINE_CARD;
    }
    return true;
}

static bool target(wk_reader *r, wk_found *f, jd_str t, bool alone)
{
    if (t.n == 0)
        return false;
    if (t.p[0] == '~')
        return mention(r, f, jd_str_cut(t, 1, t.n));
    if (t.p[0] == '#') {
        f->text = f->dest = t;
        return t.n > 1;
    }
    if (is_url(t) || (t.p[0] == '/' && t.n > 1 && !alone))
        return url(f, t);
    size_t hat = jd_str_find(t, '^');
    if (hat == 0)
        return attachment(r, f, jd_str_cut(t, 1, t.n));
    jd_str file = jd_str_trim(jd_str_cut(t, hat + 1, t.n));
    /* "the log^app.log", but not "[2^10]" */
    if (hat < t.n && jd_str_find(file, '.') + 1 < file.n) {
        if (alone) {
            f->alias     = (uint32_t)(t.p - r->s);
            f->alias_end = f->alias + (uint32_t)jd_str_trim(jd_str_cut(t, 0, hat)).n;
        }
        return attachment(r, f, file);
    }
    return issue(r, f, t);
}

bool wk_link(wk_reader *r, uint32_t p, uint32_t to, wk_found *f)
{
    uint32_t end = bracket_end(r, p, to);
    if (end < p + 3)
        return false;
    uint32_t from = p + 1, last = end - 1, cut = bar(r, from, last);
    jd_str   t = wk_str(r, from, last);
    *f         = (wk_found){.end = end, .leaf = JD_MK_TEXT};
    if (cut < last) {
        t             = wk_str(r, cut + 1, last);
        size_t second = jd_str_find(t, '|');
        if (second < t.n) {
            f->title = jd_str_trim(jd_str_cut(t, second + 1, t.n));
            t        = jd_str_cut(t, 0, second);
        }
        f->alias     = from;
        f->alias_end = cut;
    }
    while (f->alias < f->alias_end && wk_blank(r->s[f->alias]))
        f->alias++;
    while (f->alias < f->alias_end && wk_blank(r->s[f->alias_end - 1]))
        f->alias_end--;
    t = jd_str_trim(t);
    if (jd_str_eq(wk_str(r, f->alias, f->alias_end), t)) /* an address is no markup */
        f->alias = f->alias_end = 0;
    r->d->steps += end - p;
    return target(r, f, t, cut >= last);
}

/* The next "!" from p on, in this line, that could end an image; `to` when there is none. */
static uint32_t bang(wk_reader *r, uint32_t p, uint32_t to)
{
    wk_bangs *memo = &r->bangs[r->in_link];
    if (memo->to == to && memo->at >= p)
        return memo->at;
    uint32_t q = p;
    for (; q < to; q++) {
        const char *at = memchr(r->s + q, '!', to - q);
        r->d->steps += (at ? (uint32_t)(at - r->s) : to) - q;
        q = at ? (uint32_t)(at - r->s) : to;
        if (q >= to)
            break;
        char before = r->s[q - 1];
        if (!wk_blank(before) && before != '!' && before != '\\' && !wk_word_at(r, q + 1, to))
            break;
    }
    *memo = (wk_bangs){to, q};
    return q;
}

static jd_str option(jd_str options, const char *name)
{
    while (options.n) {
        jd_str key = jd_str_cut(options, 0, jd_str_find(options, '=')), value;
        size_t end = jd_str_find(options, ',');
        if (end < key.n || key.n == options.n) { /* a word without a value */
            options = jd_str_cut(options, end + 1, options.n);
            continue;
        }
        value = jd_str_trim(jd_str_cut(options, key.n + 1, options.n));
        if (value.n > 1 && value.p[0] == '"' &&
            jd_str_find(jd_str_cut(value, 1, value.n), '"') + 1 < value.n) {
            value       = jd_str_cut(value, 1, jd_str_find(jd_str_cut(value, 1, value.n), '"'));
            size_t past = (size_t)(value.p + value.n - options.p);
            options     = jd_str_cut(options, past, options.n);
            end         = jd_str_find(options, ',');
        } else {
            value = jd_str_trim(jd_str_cut(value, 0, jd_str_find(value, ',')));
        }
        if (jd_str_ieq(jd_str_trim(key), jd_str_of(name)))
            return value;
        options = jd_str_cut(options, end + 1, options.n);
    }
    return JD_NOSTR;
}

/* A picture has a suffix of one to five letters and digits, or is a URL. */
static bool is_picture(jd_str name)
{
    size_t dot = name.n;
    if (is_url(name))
        return jd_str_find(name, ' ') == name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    if (dot < 2 || name.n - dot < 1 || name.n - dot > 5)
        return false;
    for (size_t i = dot; i < name.n; i++)
        if (!jd_utf8_is_alnum((unsigned char)name.p[i]))
            return false;
    return true;
}

bool wk_image(wk_reader *r, uint32_t p, uint32_t to, wk_found *f)
{
    if (p + 2 >= to || wk_blank(r->s[p + 1]) || r->s[p + 1] == '!')
        return false;
    uint32_t last = bang(r, p + 2, to), q = p + 1;
    if (last >= to)
        return false;
    while (q < last && r->s[q] != '|' && r->s[q] != '!')
        q++;
    r->d->steps += q - p;
    jd_str name = jd_str_trim(wk_str(r, p + 1, q));
    if (q < last && r->s[q] == '!')
        return false;
    if (!is_picture(name) || !jd_mk_safe(name))
        return false;
    *f = (wk_found){.end = last + 1, .leaf = JD_MK_IMAGE, .dest = name};
    if (q < last)
        f->text = option(wk_str(r, q + 1, last), "alt");
    r->d->steps += last - q;
    if (f->text.n == 0) {
        size_t slash = name.n;
        while (is_url(name) && slash > 0 && name.p[slash - 1] != '/')
            slash--;
        f->text = slash < name.n ? jd_str_cut(name, slash, name.n) : name;
    }
    if (!is_url(name) && r->d->names && r->d->names->file) {
        jd_str where = r->d->names->file(r->d->names->user, JD_NOSTR, name);
        f->dest      = where.n ? where : name;
    }
    return true;
}
