#include "unit/markup/randomdoc.h"

#include "base/rng.h"

typedef struct maker {
    jd_mk_doc *d;
    jd_rng     r;
    bool       wild;
    unsigned   left; /* events still wanted */
    unsigned   depth;
} maker;

static uint32_t below(maker *m, uint32_t n)
{
    return (uint32_t)jd_rng_below(&m->r, n);
}

static bool one_in(maker *m, uint32_t n)
{
    return below(m, n) == 0;
}

#define PICK(m, table) (table)[below((m), (uint32_t)(sizeof(table) / sizeof *(table)))]

static jd_str tame_words(maker *m)
{
    static const char *const words[] = {"alpha", "beta two", "gamma", "delta is four", "epsilon",
                                        "zeta",  "eta",      "theta", "release 7",     "Grüße",
                                        "日本",  "пример",   "x",     "build and run", "ok"};
    return jd_str_of(PICK(m, words));
}

static jd_str wild_words(maker *m)
{
    static const char *const words[] = {
        "a",
        "b c",
        " ",
        "  ",
        "\t",
        "*",
        "**",
        "***",
        "_",
        "__",
        "a_b",
        "_a_",
        "~",
        "~~",
        "~5",
        "`",
        "``",
        "```",
        "a`b",
        "\\",
        "\\\\",
        "\\*",
        "a\\",
        "<",
        "<b>",
        "</b>",
        "<!-- x -->",
        "<a",
        "&",
        "&amp;",
        "&#65;",
        "& b",
        "]",
        "[",
        "[x](y)",
        "[x]: y",
        "[ ]",
        "[x]",
        "[x] y",
        "[!NOTE]",
        "!",
        "a!",
        "|",
        "a|b",
        "\\|",
        "#",
        "# h",
        "####### h",
        "a #",
        "##",
        ">",
        "> q",
        "-",
        "- l",
        "--",
        "---",
        "- - -",
        "+",
        "+ l",
        "* l",
        "1. n",
        "12) n",
        "1.",
        "1234567890. n",
        "=",
        "===",
        ":--",
        "--- | ---",
        "|---|",
        "https://example.com/a_b_*c*",
        "(https://example.com/~x|y)",
        "http://",
        "x://y",
        "www.example.com",
        "me@example.org",
        "(x)",
        "\"q\"",
        "é",
        "日本語",
        "。",
        "\xc2\xa0",
        "x\xc2\xa0",
        "\xe2\x80\x83",
        "🚀",
        "€",
        "ё",
        "e\xcc\x81",
        "{code}",
        "{color:red}",
        "h1. x",
        "bq. x",
        "{{m}}",
        "[~u]",
        "!i.png!",
        "||h||",
        "^a^",
        "+u+",
        "-s-",
        "??c??",
        ":)",
        "(/)",
        "%",
        "$1",
        "@x",
        "<https://example.com>",
        "~~~",
        "{",
        "}",
        "\\n",
        "\xef\xbf\xbd",
    };
    return jd_str_of(PICK(m, words));
}

static jd_str words(maker *m)
{
    return m->wild && !one_in(m, 4) ? wild_words(m) : tame_words(m);
}

static jd_str maybe_words(maker *m)
{
    return m->wild && one_in(m, 4) ? JD_NOSTR : words(m);
}

static unsigned marks(maker *m)
{
    static const unsigned some[] = {0,
                                    0,
                                    0,
                                    JD_MK_STRONG,
                                    JD_MK_EM,
                                    JD_MK_STRONG | JD_MK_EM,
                                    JD_MK_STRIKE,
                                    JD_MK_UNDERLINE,
                                    JD_MK_SUB,
                                    JD_MK_SUP,
                                    JD_MK_MONO};
    return m->wild && one_in(m, 3) ? below(m, 1u << JD_MK_MARKS) : PICK(m, some);
}

static uint32_t link_to(maker *m)
{
    static const char *const tame[]   = {"https://example.com/a", "https://example.org/b?c=d",
                                         "mailto:me@example.org"};
    static const char *const wild[]   = {"https://example.com/a b",
                                         "https://example.com/(",
                                         "https://example.com/a|b",
                                         "#anchor",
                                         "file.txt",
                                         "my file.txt",
                                         "<x>",
                                         "mailto:x",
                                         "a\\",
                                         "x\ny",
                                         "media:1",
                                         "https://example.com/&amp;",
                                         "https://example.com/*a*"};
    static const char *const titles[] = {"", "", "Title", "a \"q\"", "x\ny", "\\"};
    jd_str                   title    = m->wild ? jd_str_of(PICK(m, titles)) : JD_NOSTR;
    jd_str dest = jd_str_of(m->wild && one_in(m, 2) ? PICK(m, wild) : PICK(m, tame));
    return jd_mk_link(m->d, dest, title);
}

static void text(maker *m)
{
    unsigned how  = marks(m);
    uint32_t link = one_in(m, 8) ? link_to(m) : 0;
    jd_mk_text(m->d, words(m), how, link);
    /* words of their own, so that the document says the same however leaves are joined */
    if (!m->wild)
        jd_mk_text(m->d, JD_STR(" "), 0, 0);
}

static void thing(maker *m)
{
    static const jd_mk_kind kinds[] = {JD_MK_MENTION, JD_MK_EMOJI,       JD_MK_DATE, JD_MK_STATUS,
                                       JD_MK_IMAGE,   JD_MK_INLINE_CARD, JD_MK_FILE};
    jd_mk_kind              kind    = PICK(m, kinds);
    unsigned                how     = m->wild ? marks(m) : 0;
    jd_str                  said    = maybe_words(m);
    uint32_t                link = 0, more = 0;
    switch (kind) {
    case JD_MK_INLINE_CARD:
        link = m->wild && one_in(m, 4) ? 0 : link_to(m);
        said = one_in(m, 2) ? JD_NOSTR : said;
        break;
    case JD_MK_DATE:
        said = JD_STR("2024-02-29");
        more = jd_mk_more(m->d, JD_STR("1709164800000"), JD_NOSTR);
        break;
    case JD_MK_EMOJI:
        said = JD_STR("✅");
        more = jd_mk_more(m->d, JD_STR(":check_mark:"), JD_NOSTR);
        break;
    case JD_MK_STATUS:
        more = jd_mk_more(m->d, JD_STR("green"), JD_NOSTR);
        break;
    case JD_MK_MENTION:
        more = jd_mk_more(m->d, JD_STR("5b10a2844c20165700ede21g"), JD_NOSTR);
        break;
    default:
        if (!m->wild || !one_in(m, 4))
            more = jd_mk_more(m->d, JD_NOSTR,
                              one_in(m, 2) ? JD_STR("media:m-1")
                                           : JD_STR("https://example.com/i.png"));
        break;
    }
    jd_mk_leaf(m->d, kind, said, how, link, more);
    if (!m->wild)
        jd_mk_text(m->d, JD_STR(" "), 0, 0);
}

static void leaves(maker *m)
{
    uint32_t n = m->wild ? below(m, 6) : 1 + below(m, 5);
    for (; n && m->left; n--, m->left--)
        if (one_in(m, m->wild ? 6 : 12))
            jd_mk_leaf(m->d, JD_MK_BREAK, JD_NOSTR, m->wild ? marks(m) : 0, 0, 0);
        else if (one_in(m, 6))
            thing(m);
        else
            text(m);
    if (!m->wild) /* no break at the end */
        jd_mk_text(m->d, JD_STR("end"), 0, 0);
}

static void blocks(maker *m, unsigned most, bool plain);

static void code(maker *m)
{
    static const char *const langs[] = {"", "", "c", "python"};
    static const char *const lines[] = {"int x;\n", "  indented\n", "\n",        "a ``` b\n",
                                        "x | y\n",  "`t`\n",        "{code} *\n"};
    jd_mk_open(m->d, JD_MK_CODE, 0, jd_str_of(PICK(m, langs)));
    for (uint32_t n = below(m, 5); n; n--)
        jd_mk_text(m->d, jd_str_of(PICK(m, lines)), 0, 0);
    if (!m->wild || !one_in(m, 4))
        jd_mk_text(m->d, JD_STR("last();"), 0, 0);
    jd_mk_close(m->d);
}

static void list(maker *m, jd_mk_kind kind)
{
    uint32_t n = m->wild ? below(m, 5) : 1 + below(m, 4);
    jd_mk_open(m->d, kind,
               kind != JD_MK_ORDERED ? 0
               : one_in(m, 3)        ? below(m, m->wild ? UINT32_MAX : 100)
                                     : 1,
               JD_NOSTR);
    for (; n; n--) {
        m->left -= m->left > 0;
        if (kind == JD_MK_BULLETS || kind == JD_MK_ORDERED) {
            jd_mk_open(m->d, JD_MK_ITEM, 0, JD_NOSTR);
            if (!m->wild) {
                jd_mk_open(m->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
                leaves(m);
                jd_mk_close(m->d);
                if (one_in(m, 3) && m->depth < 6 && m->left) {
                    m->depth++;
                    list(m, kind == JD_MK_BULLETS ? JD_MK_ORDERED : JD_MK_BULLETS);
                    m->depth--;
                }
            } else {
                blocks(m, 3, false);
            }
        } else {
            jd_mk_open(m->d, kind == JD_MK_TASKS ? JD_MK_TASK : JD_MK_DECISION,
                       kind == JD_MK_TASKS ? below(m, 2) : 0, JD_NOSTR);
            if (m->wild && one_in(m, 3))
                blocks(m, 2, false);
            else
                leaves(m);
        }
        jd_mk_close(m->d);
    }
    jd_mk_close(m->d);
}

static void table(maker *m)
{
    uint32_t rows = 1 + below(m, 4), columns = 1 + below(m, 4);
    bool     header = one_in(m, 2);
    jd_mk_open(m->d, JD_MK_TABLE, 0, JD_NOSTR);
    for (uint32_t i = 0; i < rows; i++) {
        jd_mk_open(m->d, JD_MK_ROW, 0, JD_NOSTR);
        for (uint32_t k = m->wild ? below(m, 5) : columns; k; k--) {
            static const uint32_t spans[] = {0, 1, 1, 1, 1, 2, 3, 4095};
            uint32_t wide = m->wild ? PICK(m, spans) : 1, high = m->wild ? PICK(m, spans) : 1;
            jd_mk_open(
                m->d, JD_MK_CELL,
                jd_mk_cell(m->wild && one_in(m, 6) ? one_in(m, 2) : header && i == 0, wide, high),
                JD_NOSTR);
            if (m->wild) {
                blocks(m, 2, false);
            } else {
                jd_mk_open(m->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
                jd_mk_text(m->d, words(m), one_in(m, 4) && !(header && i == 0) ? JD_MK_EM : 0, 0);
                jd_mk_close(m->d);
            }
            jd_mk_close(m->d);
        }
        jd_mk_close(m->d);
    }
    jd_mk_close(m->d);
}

static void held(maker *m, jd_mk_kind kind, uint32_t num, jd_str said, bool plain)
{
    jd_mk_open(m->d, kind, num, said);
    m->depth++;
    blocks(m, 3, plain);
    m->depth--;
    jd_mk_close(m->d);
}

static void figure(maker *m)
{
    jd_mk_open(m->d, JD_MK_FIGURE, 0, JD_NOSTR);
    jd_mk_leaf(m->d, JD_MK_IMAGE, JD_STR("picture.png"), 0, 0,
               jd_mk_more(m->d, JD_NOSTR, JD_STR("https://example.com/picture.png")));
    if (one_in(m, 3)) {
        jd_mk_open(m->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
        leaves(m);
        jd_mk_close(m->d);
    }
    jd_mk_close(m->d);
}

static void files(maker *m)
{
    jd_mk_open(m->d, JD_MK_FILES, 0, JD_NOSTR);
    for (uint32_t n = 1 + below(m, 3); n; n--)
        jd_mk_leaf(m->d, JD_MK_FILE, maybe_words(m), 0, 0,
                   jd_mk_more(m->d, JD_NOSTR, JD_STR("media:m-2")));
    jd_mk_close(m->d);
}

static void holder(maker *m, jd_mk_kind kind)
{
    jd_mk_open(m->d, kind, kind == JD_MK_HEADING ? (m->wild ? below(m, 9) : 1 + below(m, 6)) : 0,
               JD_NOSTR);
    if (kind == JD_MK_HEADING && !m->wild)
        jd_mk_text(m->d, words(m), 0, 0);
    else
        leaves(m);
    if (m->wild && one_in(m, 12))
        blocks(m, 1, false);
    jd_mk_close(m->d);
}

/* plain: only what a quote may hold. */
static void block(maker *m, bool plain)
{
    m->left -= m->left > 0;
    bool deep = m->left == 0 || m->depth >= (m->wild ? 90u : 4u);
    switch (below(m, deep ? 4 : plain ? 7 : 15)) {
    default:
        holder(m, JD_MK_PARAGRAPH);
        return;
    case 1:
        code(m);
        return;
    case 2:
        if (plain || deep)
            holder(m, JD_MK_PARAGRAPH);
        else
            jd_mk_leaf(m->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
        return;
    case 4:
        m->depth++;
        list(m, JD_MK_BULLETS);
        m->depth--;
        return;
    case 5:
        m->depth++;
        list(m, JD_MK_ORDERED);
        m->depth--;
        return;
    case 7:
        holder(m, JD_MK_HEADING);
        return;
    case 8:
        list(m, JD_MK_TASKS);
        return;
    case 9:
        list(m, JD_MK_DECISIONS);
        return;
    case 10:
        held(m, JD_MK_QUOTE, 0, JD_NOSTR, true);
        return;
    case 11:
        held(m, JD_MK_PANEL,
             m->wild ? below(m, JD_MK_PANEL_CUSTOM + 1) : JD_MK_PANEL_INFO + below(m, 6), JD_NOSTR,
             true);
        return;
    case 12:
        if (m->depth && !m->wild)
            holder(m, JD_MK_PARAGRAPH);
        else
            held(m, JD_MK_EXPAND, 0, maybe_words(m), true);
        return;
    case 13:
        if (m->depth && !m->wild)
            holder(m, JD_MK_PARAGRAPH);
        else
            table(m);
        return;
    case 14:
        if (one_in(m, 3))
            files(m);
        else if (one_in(m, 2))
            figure(m);
        else
            jd_mk_leaf(m->d, JD_MK_CARD, JD_NOSTR, 0, link_to(m), 0);
        return;
    }
}

static void blocks(maker *m, unsigned most, bool plain)
{
    uint32_t n = m->wild ? below(m, most + 1) : 1 + below(m, most);
    for (; n; n--)
        if (m->wild && one_in(m, 10))
            leaves(m);
        else
            block(m, plain && !m->wild);
}

void randomdoc(jd_mk_doc *d, uint64_t seed, unsigned size, randomdoc_kind kind)
{
    maker m = {.d = d, .r = jd_rng_seed(seed), .wild = kind == RANDOMDOC_WILD, .left = size};
    jd_mk_reset(d);
    while (m.left)
        block(&m, false);
    jd_mk_finish(d);
}
