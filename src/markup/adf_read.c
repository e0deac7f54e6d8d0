#include "markup/adf.h"
#include "markup/adf_names.h"
#include "markup/adf_reader.h"
#include "markup/markup.h"
#include "text/utf8.h"

#include <string.h>

static void put(ar_reader *r, const ar_node *n, ar_place where);

/* Nodes */

static ar_node node_of(ar_reader *r, const jd_json *v);

/* Each element of content, which ought to be an array of nodes but may be anything. */
#define EACH_NODE(r, content, it) \
    for (jd_json_iter it = elements((r), (content)); jd_json_next(&it);)

static jd_json_iter elements(ar_reader *r, const jd_json *content)
{
    if (jd_json_kind(content) == JD_JSON_ARRAY)
        return jd_json_walk(content);
    if (!jd_json_is_null(content))
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
    return (jd_json_iter){0};
}

static bool is_media(const ar_node *n)
{
    return n->type && jd_str_is(n->type->name, "media");
}

static bool is_caption(const ar_node *n)
{
    return n->type && jd_str_is(n->type->name, "caption");
}

static void make_media_single(ar_reader *r, const ar_node *n, ar_place where)
{
    bool     figure = false, captioned = false;
    uint32_t outer;
    unsigned outer_marks = ar_marks_of(r, n, &outer);
    if (where == AR_LINE) {
        ar_content_of(r, n->content, AR_LINE);
        return;
    }
    EACH_NODE(r, n->content, it)
    {
        ar_node child = node_of(r, it.value);
        bool    media = is_media(&child), caption = figure && !captioned && is_caption(&child);
        if (figure && !caption)
            jd_mk_close(r->d);
        figure = media || caption;
        if (media) {
            uint32_t link;
            unsigned marks = ar_marks_of(r, &child, &link) | outer_marks;
            jd_mk_open(r->d, JD_MK_FIGURE, 0, JD_NOSTR);
            ar_media_leaf(r, &child, JD_MK_IMAGE, marks, link ? link : outer);
            captioned = false;
        } else {
            put(r, &child, AR_BLOCKS);
            captioned = true;
        }
    }
    if (figure)
        jd_mk_close(r->d);
}

static void make_media_group(ar_reader *r, const ar_node *n, ar_place where)
{
    bool list = false;
    if (where == AR_LINE) {
        ar_content_of(r, n->content, AR_LINE);
        return;
    }
    EACH_NODE(r, n->content, it)
    {
        ar_node child = node_of(r, it.value);
        bool    media = is_media(&child);
        if (media != list) {
            if (media)
                jd_mk_open(r->d, JD_MK_FILES, 0, JD_NOSTR);
            else
                jd_mk_close(r->d);
        }
        list = media;
        if (media) {
            uint32_t link;
            unsigned marks = ar_marks_of(r, &child, &link);
            ar_media_leaf(r, &child, JD_MK_FILE, marks, link);
        } else {
            put(r, &child, AR_BLOCKS);
        }
    }
    if (list)
        jd_mk_close(r->d);
}

/* Blocks */

static void make_rule(ar_reader *r, const ar_node *n, ar_place where)
{
    if (where == AR_LINE)
        r->newline = true;
    else
        jd_mk_leaf(r->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
    ar_content_of(r, n->content, where);
}

/* Verbatim text; whatever else stands in a code block gives its words. */
static void code_text(ar_reader *r, const jd_json *content)
{
    if (jd_json_is_str(content))
        jd_mk_text(r->d, ar_text_of(r, content), 0, 0);
    EACH_NODE(r, jd_json_is_str(content) ? NULL : content, it)
    {
        ar_node n = node_of(r, it.value);
        if (n.text)
            jd_mk_text(r->d, ar_text_of(r, n.text), 0, 0);
        else if (n.type && n.type->kind == JD_MK_BREAK && n.type->class == AR_IS_INLINE)
            jd_mk_text(r->d, JD_STR("\n"), 0, 0);
        else if (n.content)
            code_text(r, n.content);
        else if (n.attrs)
            jd_mk_text(r->d, ar_text_of(r, jd_json_get(n.attrs, "text")), 0, 0);
        else
            jd_mk_text(r->d, ar_text_of(r, it.value), 0, 0);
    }
}

static void make_code(ar_reader *r, const ar_node *n, ar_place where)
{
    const jd_json *content = n->content ? n->content : n->text;
    if (where == AR_LINE) {
        ar_content_of(r, content, AR_LINE);
        return;
    }
    jd_mk_open(r->d, JD_MK_CODE, 0, ar_attr_line(r, n, "language"));
    code_text(r, content);
    jd_mk_close(r->d);
}

static uint32_t num_level(const ar_node *n)
{
    return ar_attr_number(n, "level", 1, 1, 6);
}

static uint32_t num_order(const ar_node *n)
{
    return ar_attr_number(n, "order", 1, 0, 999999999);
}

static uint32_t num_panel(const ar_node *n)
{
    const jd_json *v = jd_json_get(n->attrs, "panelType");
    return v ? jd_adf_panel_of(jd_json_str(v)) : JD_MK_PANEL_INFO;
}

static uint32_t num_done(const ar_node *n)
{
    return jd_str_ieq(jd_json_str(jd_json_get(n->attrs, "state")), JD_STR("DONE"));
}

static uint32_t num_cell(const ar_node *n)
{
    return jd_mk_cell(false, ar_attr_number(n, "colspan", 1, 1, 4095),
                      ar_attr_number(n, "rowspan", 1, 1, 4095));
}

static uint32_t num_header(const ar_node *n)
{
    return num_cell(n) | jd_mk_cell(true, 0, 0);
}

/* Opened and closed with its content between; the way of most blocks. */
static void make_block(ar_reader *r, const ar_node *n, ar_place where)
{
    const ar_type *t       = n->type;
    const jd_json *content = n->content ? n->content : n->text;
    if (where == AR_LINE) {
        if (t->words)
            ar_words(r, ar_attr_line(r, n, t->words), 0, 0);
        r->newline = true;
        ar_content_of(r, content, AR_LINE);
        return;
    }
    jd_mk_open(r->d, (jd_mk_kind)t->kind, t->num ? t->num(n) : 0,
               t->words ? ar_attr_line(r, n, t->words) : JD_NOSTR);
    ar_content_of(r, content, (ar_place)t->inner);
    jd_mk_close(r->d);
}

static void make_through(ar_reader *r, const ar_node *n, ar_place where)
{
    ar_content_of(r, n->content ? n->content : n->text, where);
}

static bool is_paragraph(const ar_node *n)
{
    return n->type && n->type->class == AR_IS_BLOCK && n->type->kind == JD_MK_PARAGRAPH;
}

/* Tasks hold leaves, or blocks; one paragraph is as good as its leaves. */
static void make_task(ar_reader *r, const ar_node *n, ar_place where)
{
    const jd_json *content = n->content ? n->content : n->text;
    ar_place       inner   = AR_LINE;
    if (where == AR_LINE) {
        make_block(r, n, where);
        return;
    }
    if (jd_json_kind(content) == JD_JSON_ARRAY && jd_json_len(content) > 0) {
        ar_node first = node_of(r, jd_json_at(content, 0));
        bool    alone = jd_json_len(content) == 1;
        if (alone && is_paragraph(&first))
            content = first.content ? first.content : first.text;
        else if (first.type && first.type->class != AR_IS_INLINE)
            inner = AR_BLOCKS;
    }
    jd_mk_open(r->d, JD_MK_TASK, num_done(n), JD_NOSTR);
    ar_content_of(r, content, inner);
    jd_mk_close(r->d);
}

/* The table of nodes, with slots as in adf_names.c: by length, first, last and middle letter. */
#define SLOT(len, first, last, mid) (((len) + (first)*9 + (last)*4 + (mid)) & 255)
#define NODE(name, first, last, mid, class, kind, inner, ...)                                    \
    [SLOT(sizeof(name) - 1, first, last, mid)] = {JD_STR_INIT(name), class, JD_MK_##kind, inner, \
                                                  __VA_ARGS__}

static const ar_type types[256] = {
    NODE("doc", 'd', 'c', 'o', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("paragraph", 'p', 'h', 'g', AR_IS_BLOCK, PARAGRAPH, AR_LINE, make_block),
    NODE("heading", 'h', 'g', 'd', AR_IS_BLOCK, HEADING, AR_LINE, make_block, NULL, num_level),
    NODE("bulletList", 'b', 't', 't', AR_IS_BLOCK, BULLETS, AR_LIST, make_block),
    NODE("orderedList", 'o', 't', 'e', AR_IS_BLOCK, ORDERED, AR_LIST, make_block, NULL, num_order),
    NODE("listItem", 'l', 'm', 'I', AR_IS_ITEM, ITEM, AR_BLOCKS, make_block),
    NODE("taskList", 't', 't', 'L', AR_IS_BLOCK, TASKS, AR_TASKS, make_block),
    NODE("taskItem", 't', 'm', 'I', AR_IS_TASK, TASK, AR_LINE, make_task),
    NODE("blockTaskItem", 'b', 'm', 'a', AR_IS_TASK, TASK, AR_BLOCKS, make_task),
    NODE("decisionList", 'd', 't', 'o', AR_IS_BLOCK, DECISIONS, AR_DECISIONS, make_block),
    NODE("decisionItem", 'd', 'm', 'o', AR_IS_DECISION, DECISION, AR_LINE, make_block),
    NODE("blockquote", 'b', 'e', 'q', AR_IS_BLOCK, QUOTE, AR_BLOCKS, make_block),
    NODE("codeBlock", 'c', 'k', 'B', AR_IS_BLOCK, CODE, AR_BLOCKS, make_code),
    NODE("rule", 'r', 'e', 'l', AR_IS_BLOCK, RULE, AR_BLOCKS, make_rule),
    NODE("bodiedRule", 'b', 'e', 'd', AR_IS_BLOCK, RULE, AR_BLOCKS, make_rule),
    NODE("panel", 'p', 'l', 'n', AR_IS_BLOCK, PANEL, AR_BLOCKS, make_block, NULL, num_panel),
    NODE("expand", 'e', 'd', 'a', AR_IS_BLOCK, EXPAND, AR_BLOCKS, make_block, "title"),
    NODE("nestedExpand", 'n', 'd', 'E', AR_IS_BLOCK, EXPAND, AR_BLOCKS, make_block, "title"),
    NODE("table", 't', 'e', 'b', AR_IS_BLOCK, TABLE, AR_TABLE, make_block),
    NODE("tableRow", 't', 'w', 'e', AR_IS_TABLE_ROW, ROW, AR_ROW, make_block),
    NODE("tableCell", 't', 'l', 'e', AR_IS_CELL, CELL, AR_BLOCKS, make_block, NULL, num_cell),
    NODE("tableHeader", 't', 'r', 'H', AR_IS_CELL, CELL, AR_BLOCKS, make_block, NULL, num_header),
    NODE("mediaSingle", 'm', 'e', 'S', AR_IS_BLOCK, FIGURE, AR_BLOCKS, make_media_single),
    NODE("mediaGroup", 'm', 'p', 'G', AR_IS_BLOCK, FILES, AR_BLOCKS, make_media_group),
    NODE("media", 'm', 'a', 'd', AR_IS_BLOCK, FIGURE, AR_BLOCKS, ar_make_media),
    NODE("caption", 'c', 'n', 't', AR_IS_BLOCK, PARAGRAPH, AR_LINE, make_block),
    NODE("blockCard", 'b', 'd', 'k', AR_IS_BLOCK, CARD, AR_BLOCKS, ar_make_card),
    NODE("embedCard", 'e', 'd', 'd', AR_IS_BLOCK, CARD, AR_BLOCKS, ar_make_card),
    NODE("layoutSection", 'l', 'n', 'S', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("layoutColumn", 'l', 'n', 'C', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("extension", 'e', 'n', 'n', AR_IS_BLOCK, PARAGRAPH, AR_BLOCKS, ar_make_extension),
    NODE("bodiedExtension", 'b', 'n', 'x', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("multiBodiedExtension", 'm', 'n', 'd', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("extensionFrame", 'e', 'e', 'o', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("syncBlock", 's', 'k', 'B', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("bodiedSyncBlock", 'b', 'k', 'y', AR_IS_THROUGH, BLOCKS, AR_BLOCKS, make_through),
    NODE("text", 't', 't', 'x', AR_IS_INLINE, TEXT, AR_LINE, ar_make_text),
    NODE("hardBreak", 'h', 'k', 'B', AR_IS_INLINE, BREAK, AR_LINE, ar_make_break),
    NODE("mention", 'm', 'n', 't', AR_IS_INLINE, MENTION, AR_LINE, ar_make_mention),
    NODE("emoji", 'e', 'i', 'o', AR_IS_INLINE, EMOJI, AR_LINE, ar_make_emoji),
    NODE("date", 'd', 'e', 't', AR_IS_INLINE, DATE, AR_LINE, ar_make_date),
    NODE("status", 's', 's', 't', AR_IS_INLINE, STATUS, AR_LINE, ar_make_status),
    NODE("placeholder", 'p', 'r', 'h', AR_IS_INLINE, TEXT, AR_LINE, ar_make_nothing),
    NODE("inlineCard", 'i', 'd', 'e', AR_IS_INLINE, INLINE_CARD, AR_LINE, ar_make_card),
    NODE("mediaInline", 'm', 'e', 'I', AR_IS_INLINE, FILE, AR_LINE, ar_make_media_inline),
    NODE("inlineExtension", 'i', 'n', 'x', AR_IS_INLINE, TEXT, AR_LINE, ar_make_inline_extension),
};

/* Names of the table are three letters or longer. */
static inline bool same_name(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    uint32_t v, w;
    if (n < sizeof v)
        return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
    if (n < sizeof x) {
        memcpy(&v, a, sizeof v);
        memcpy(&w, b, sizeof w);
        if (v != w)
            return false;
        memcpy(&v, a + n - sizeof v, sizeof v);
        memcpy(&w, b + n - sizeof w, sizeof w);
        return v == w;
    }
    for (size_t i = 0; i + sizeof x <= n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - sizeof x, sizeof x);
    memcpy(&y, b + n - sizeof y, sizeof y);
    return x == y;
}

static inline const ar_type *type_of(jd_str name)
{
    enum { SHORTEST = 3 };
    if (name.n < SHORTEST)
        return NULL;
    const unsigned char *p = (const unsigned char *)name.p;
    const ar_type       *t = &types[SLOT(name.n, p[0], p[name.n - 1], p[name.n / 2])];
    return t->name.n == name.n && same_name(t->name.p, name.p, name.n) ? t : NULL;
}

static ar_node node_of(ar_reader *r, const jd_json *v)
{
    ar_node n = {0};
    if (jd_json_kind(v) == JD_JSON_ARRAY) {
        n.content = v;
        return n;
    }
    if (jd_json_kind(v) != JD_JSON_OBJECT) {
        n.type = type_of(JD_STR("text"));
        n.text = v;
        return n;
    }
    r->d->steps += jd_json_len(v);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        if (it.name.n == 4) {
            if (memcmp(it.name.p, "type", 4) == 0)
                n.type = type_of(jd_json_str(it.value));
            else if (memcmp(it.name.p, "text", 4) == 0)
                n.text = it.value;
        } else if (it.name.n == 5) {
            if (memcmp(it.name.p, "attrs", 5) == 0)
                n.attrs = it.value;
            else if (memcmp(it.name.p, "marks", 5) == 0)
                n.marks = it.value;
        } else if (it.name.n == 7 && memcmp(it.name.p, "content", 7) == 0) {
            n.content = it.value;
        }
    }
    return n;
}

/* Where each place wants its children to be of one class, the frame that is put around others. */
static const struct {
    uint8_t child, kind, inner;
} frames[] = {
    [AR_LIST]      = {AR_IS_ITEM, JD_MK_ITEM, AR_BLOCKS},
    [AR_TASKS]     = {AR_IS_TASK, JD_MK_TASK, AR_LINE},
    [AR_DECISIONS] = {AR_IS_DECISION, JD_MK_DECISION, AR_LINE},
    [AR_TABLE]     = {AR_IS_TABLE_ROW, JD_MK_ROW, AR_ROW},
    [AR_ROW]       = {AR_IS_CELL, JD_MK_CELL, AR_BLOCKS},
};

/* And what is put around those that stand without their parent. */
static const struct {
    uint8_t kind, inner;
} parents[] = {
    [AR_IS_ITEM]      = {JD_MK_BULLETS, AR_LIST},
    [AR_IS_TASK]      = {JD_MK_TASKS, AR_TASKS},
    [AR_IS_DECISION]  = {JD_MK_DECISIONS, AR_DECISIONS},
    [AR_IS_TABLE_ROW] = {JD_MK_TABLE, AR_TABLE},
    [AR_IS_CELL]      = {JD_MK_TABLE, AR_TABLE},
};

static uint32_t frame_num(ar_place where)
{
    return where == AR_ROW ? jd_mk_cell(false, 1, 1) : 0;
}

static void put_unknown(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link;
    unsigned marks = ar_marks_of(r, n, &link);
    if (n->content) {
        ar_content_of(r, n->content, where);
        return;
    }
    jd_str s = ar_text_of(r, n->text ? n->text : jd_json_get(n->attrs, "text"));
    if (s.n == 0)
        return;
    if (where != AR_LINE)
        jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    ar_words(r, s, marks, link);
    if (where != AR_LINE)
        jd_mk_close(r->d);
}

static bool has_words(const ar_node *n)
{
    return !jd_json_is_null(n->content) || !jd_json_is_null(n->text) || n->attrs;
}

/* A node at a place: as it is where it belongs, within the frames that are missing elsewhere. */
static void put(ar_reader *r, const ar_node *n, ar_place where)
{
    ar_class c = n->type ? (ar_class)n->type->class : AR_IS_UNKNOWN;
    if (where == AR_LINE) {
        bool block = c != AR_IS_INLINE && c != AR_IS_UNKNOWN;
        r->newline |= block;
        if (n->type)
            n->type->make(r, n, AR_LINE);
        else
            put_unknown(r, n, AR_LINE);
        r->newline |= block;
        return;
    }
    if (c == AR_IS_THROUGH || (c == AR_IS_UNKNOWN && n->content)) {
        ar_content_of(r, n->content ? n->content : n->text, where);
        return;
    }
    if (where != AR_BLOCKS && c != frames[where].child &&
        !(where == AR_TASKS && n->type && n->type->kind == JD_MK_TASKS)) {
        if (c == AR_IS_UNKNOWN && !has_words(n))
            return;
        jd_mk_open(r->d, (jd_mk_kind)frames[where].kind, frame_num(where), JD_NOSTR);
        put(r, n, (ar_place)frames[where].inner);
        jd_mk_close(r->d);
        return;
    }
    if (where == AR_BLOCKS && c >= AR_IS_ITEM) {
        jd_mk_open(r->d, (jd_mk_kind)parents[c].kind, 0, JD_NOSTR);
        put(r, n, (ar_place)parents[c].inner);
        jd_mk_close(r->d);
        return;
    }
    if (c == AR_IS_UNKNOWN) {
        put_unknown(r, n, where);
    } else if (c == AR_IS_INLINE) {
        jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
        n->type->make(r, n, AR_LINE);
        jd_mk_close(r->d);
    } else {
        r->newline = false;
        n->type->make(r, n, where);
    }
}

/* Leaves among blocks are gathered in paragraphs. */
void ar_content_of(ar_reader *r, const jd_json *content, ar_place where)
{
    bool paragraph = false;
    if (jd_json_is_null(content))
        return;
    if (jd_json_kind(content) != JD_JSON_ARRAY) {
        ar_node n = node_of(r, content);
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
        put(r, &n, where);
        return;
    }
    for (jd_json_iter it = jd_json_walk(content); jd_json_next(&it);) {
        ar_node n       = node_of(r, it.value);
        bool    inline_ = n.type ? n.type->class == AR_IS_INLINE : paragraph && !n.content;
        if (!n.type)
            jd_mk_warn(r->d, jd_json_kind(it.value) == JD_JSON_OBJECT ? JD_MK_W_UNKNOWN_NODE
                                                                      : JD_MK_W_BAD_SHAPE);
        if (where == AR_LINE && inline_) { /* most nodes there are */
            n.type->make(r, &n, AR_LINE);
            continue;
        }
        if (where != AR_BLOCKS) {
            put(r, &n, where);
            continue;
        }
        if (inline_ != paragraph) {
            if (paragraph)
                jd_mk_close(r->d);
            else
                jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
            paragraph  = inline_;
            r->newline = false;
        }
        put(r, &n, inline_ ? AR_LINE : AR_BLOCKS);
    }
    if (paragraph)
        jd_mk_close(r->d);
}

static void read_root(jd_mk_doc *d, const jd_json *root, ar_place where)
{
    ar_reader r = {.d = d, .scratch = JD_BUF_INIT(SIZE_MAX - 1)};
    ar_node   n = node_of(&r, root);
    if (!n.type && !jd_json_is_null(root))
        jd_mk_warn(d, JD_MK_W_UNKNOWN_NODE);
    put(&r, &n, where);
    jd_buf_release(&r.scratch);
}

void jd_read_adf(jd_mk_doc *d, const jd_json *root)
{
    jd_mk_reset(d);
    read_root(d, root, AR_BLOCKS);
    jd_mk_finish(d);
}

void jd_read_adf_bytes(jd_mk_doc *d, jd_str json)
{
    const jd_json *root;
    jd_err         e = {0};
    if (jd_json_read(d->arena, json, &root, &e) == JD_OK) {
        jd_read_adf(d, root);
        return;
    }
    jd_read_text(d, json);
    jd_mk_warn(d, JD_MK_W_BAD_JSON);
}

void jd_mk_read_adf_into(jd_mk_doc *d, jd_str json, bool inline_)
{
    const jd_json *root;
    jd_err         e = {0};
    if (jd_json_read(d->arena, json, &root, &e) == JD_OK) {
        read_root(d, root, inline_ ? AR_LINE : AR_BLOCKS);
        return;
    }
    jd_mk_warn(d, JD_MK_W_BAD_JSON);
    ar_reader r = {.d = d, .scratch = JD_BUF_INIT(SIZE_MAX - 1)};
    (void)jd_utf8_clean(&r.scratch, jd_str_trim(json), JD_CLEAN_LINES);
    jd_str s = ar_kept(&r);
    jd_buf_release(&r.scratch);
    if (inline_) {
        ar_words(&r, s, JD_MK_MONO, 0);
        return;
    }
    jd_mk_open(d, JD_MK_CODE, 0, JD_NOSTR);
    jd_mk_text(d, s, 0, 0);
    jd_mk_close(d);
}
