#include "markup/adf_writer.h"
#include "markup/markup.h"

#include <stdio.h>

/* What Atlassian's schema lets stand where. Whatever stands elsewhere is written as paragraphs. */
typedef enum place {
    IN_DOC,
    IN_ITEM,
    IN_QUOTE,
    IN_PANEL,
    IN_EXPAND,
    IN_NESTED, /* an expand in an expand or a cell */
    IN_CELL,
    IN_TASK, /* paragraphs only */
} place;

#define B(kind) (1U << JD_MK_##kind)
#define LISTS   (B(PARAGRAPH) | B(BULLETS) | B(ORDERED) | B(CODE) | B(FIGURE))
#define TODOS   (B(TASKS) | B(DECISIONS))

static const uint32_t allowed[] = {
    [IN_DOC] = LISTS | TODOS | B(HEADING) | B(QUOTE) | B(PANEL) | B(EXPAND) | B(TABLE) | B(FILES) |
               B(RULE) | B(CARD),
    [IN_ITEM]   = LISTS | B(TASKS),
    [IN_QUOTE]  = LISTS | B(FILES),
    [IN_PANEL]  = LISTS | TODOS | B(HEADING) | B(FILES) | B(RULE) | B(CARD),
    [IN_EXPAND] = LISTS | TODOS | B(HEADING) | B(QUOTE) | B(PANEL) | B(EXPAND) | B(TABLE) |
                  B(FILES) | B(RULE) | B(CARD),
    [IN_NESTED] = LISTS | TODOS | B(HEADING) | B(QUOTE) | B(PANEL) | B(FILES) | B(RULE),
    [IN_CELL] =
        LISTS | TODOS | B(HEADING) | B(QUOTE) | B(PANEL) | B(EXPAND) | B(FILES) | B(RULE) | B(CARD),
    [IN_TASK] = B(PARAGRAPH),
};

enum {
    /* the JSON writer takes 64 levels; a table's cell and marked text in it need fourteen */
    LEVELS = 48
};

static uint32_t blocks(aw_writer *w, uint32_t from, uint32_t to, place where);

static void put_lead(aw_writer *w)
{
    aw_put_text(w, w->lead, 0, (jd_mk_href){0});
    w->lead = JD_NOSTR;
}

static void put_paragraph(aw_writer *w, uint32_t from, uint32_t to, unsigned add)
{
    unsigned before = w->add;
    aw_begin(w, "paragraph");
    aw_begin_list(w, "content");
    put_lead(w);
    w->add |= add;
    aw_put_leaves(w, from, to, JD_NOSTR);
    w->add = before;
    aw_end(w, 2);
}

static void put_words_paragraph(aw_writer *w, jd_str s, unsigned marks)
{
    aw_begin(w, "paragraph");
    aw_begin_list(w, "content");
    put_lead(w);
    aw_put_lines(w, s, marks);
    aw_end(w, 2);
}

/* Content of a node that may not be empty. */
static void content(aw_writer *w, uint32_t from, uint32_t to, place where)
{
    aw_begin_list(w, "content");
    if (blocks(w, from, to, where) == 0)
        put_words_paragraph(w, JD_NOSTR, 0);
    aw_end(w, 1);
}

static void put_heading(aw_writer *w, uint32_t i)
{
    uint32_t level = w->ev[i].num;
    aw_begin(w, "heading");
    aw_begin_attrs(w);
    jd_jsonw_kint(&w->j, "level", level < 1 ? 1 : level > 6 ? 6 : level);
    aw_end(w, 1);
    aw_begin_list(w, "content");
    aw_put_leaves(w, i + 1, w->ev[i].more, JD_NOSTR);
    aw_end(w, 2);
}

/* One text node without marks. */
static void put_code(aw_writer *w, uint32_t i)
{
    uint32_t close = w->ev[i].more;
    aw_begin(w, "codeBlock");
    if (w->ev[i].text.n) {
        aw_begin_attrs(w);
        jd_jsonw_kstr(&w->j, "language", w->ev[i].text);
        aw_end(w, 1);
    }
    aw_begin_list(w, "content");
    if (close > i + 1) {
        aw_begin(w, "text");
        jd_jsonw_name(&w->j, "text");
        jd_jsonw_open_str(&w->j);
        for (uint32_t k = i + 1; k < close; k++) {
            w->d->steps += w->ev[k].text.n;
            jd_jsonw_more_str(&w->j, w->ev[k].text);
        }
        jd_jsonw_close_str(&w->j);
        aw_end(w, 1);
    }
    aw_end(w, 2);
}

static void begin_list_node(aw_writer *w, const char *type, const char *number, uint32_t value)
{
    aw_begin(w, type);
    if (number) {
        aw_begin_attrs(w);
        jd_jsonw_kint(&w->j, number, value);
        aw_end(w, 1);
    }
    aw_begin_list(w, "content");
}

static bool is_open(const jd_mk_event *e, unsigned kinds)
{
    return e->edge == JD_MK_OPEN && (kinds >> e->kind & 1U);
}

/* Older readers of the format want words first in an item. */
static void put_items(aw_writer *w, uint32_t i)
{
    const jd_mk_event *list    = &w->ev[i];
    bool               ordered = list->kind == JD_MK_ORDERED;
    begin_list_node(w, ordered ? "orderedList" : "bulletList",
                    ordered && list->num != 1 ? "order" : NULL, list->num);
    for (uint32_t k = i + 1; k < list->more; k = w->ev[k].more + 1) {
        aw_begin(w, "listItem");
        aw_begin_list(w, "content");
        bool wordless = is_open(&w->ev[k + 1], B(BULLETS) | B(ORDERED) | B(TASKS));
        if (wordless)
            put_words_paragraph(w, JD_NOSTR, 0);
        if (blocks(w, k + 1, w->ev[k].more, IN_ITEM) == 0 && !wordless)
            put_words_paragraph(w, JD_NOSTR, 0);
        aw_end(w, 2);
    }
    if (list->more == i + 1) {
        aw_begin(w, "listItem");
        content(w, i, i, IN_ITEM);
        aw_end(w, 1);
    }
    aw_end(w, 2);
}

/* Ids are wanted; they need to differ within the document only. */
static void local_attrs(aw_writer *w, const char *state)
{
    char id[16];
    (void)snprintf(id, sizeof id, "%u", ++w->local_id);
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "localId", jd_str_of(id));
    if (state)
        jd_jsonw_kstr(&w->j, "state", jd_str_of(state));
    aw_end(w, 1);
}

static bool deep(const aw_writer *w)
{
    return w->j.depth > LEVELS;
}

static uint32_t leaves_end(const aw_writer *w, uint32_t from, uint32_t to)
{
    while (from < to && w->ev[from].edge == JD_MK_LEAF && w->ev[from].kind != JD_MK_RULE &&
           w->ev[from].kind != JD_MK_CARD)
        from++;
    return from;
}

static void put_tasks(aw_writer *w, uint32_t i);

/* A task's words are leaves; what else it holds needs the node that holds paragraphs, but for tasks
 * of its own, which follow it. */
static void put_task(aw_writer *w, uint32_t i)
{
    uint32_t close = w->ev[i].more, from = i + 1, words = leaves_end(w, from, close);
    uint32_t rest = words;
    bool     more = false;
    if (words == from && words < close && is_open(&w->ev[words], B(PARAGRAPH))) {
        from  = words + 1;
        words = w->ev[words].more;
        rest  = words + 1;
    }
    for (uint32_t k = rest; k < close; k = w->ev[k].edge == JD_MK_OPEN ? w->ev[k].more + 1 : k + 1)
        more |= deep(w) || !is_open(&w->ev[k], B(TASKS));
    aw_begin(w, more ? "blockTaskItem" : "taskItem");
    local_attrs(w, w->ev[i].num ? "DONE" : "TODO");
    aw_begin_list(w, "content");
    if (more)
        put_paragraph(w, from, words, 0);
    else
        aw_put_leaves(w, from, words, JD_NOSTR);
    for (uint32_t k = rest; more && k < close;) {
        uint32_t next = w->ev[k].edge == JD_MK_OPEN ? w->ev[k].more + 1 : k + 1;
        if (deep(w) || !is_open(&w->ev[k], B(TASKS)))
            (void)blocks(w, k, next, IN_TASK);
        k = next;
    }
    aw_end(w, 2);
    for (uint32_t k = rest; k < close && !deep(w);
         k          = w->ev[k].edge == JD_MK_OPEN ? w->ev[k].more + 1 : k + 1)
        if (is_open(&w->ev[k], B(TASKS)))
            put_tasks(w, k);
}

static void put_tasks(aw_writer *w, uint32_t i)
{
    aw_begin(w, "taskList");
    local_attrs(w, NULL);
    aw_begin_list(w, "content");
    for (uint32_t k = i + 1; k < w->ev[i].more; k = w->ev[k].more + 1) {
        if (w->ev[k].kind == JD_MK_TASKS)
            put_tasks(w, k);
        else
            put_task(w, k);
    }
    if (w->ev[i].more == i + 1) {
        aw_begin(w, "taskItem");
        local_attrs(w, "TODO");
        aw_end(w, 1);
    }
    aw_end(w, 2);
}

static void put_decisions(aw_writer *w, uint32_t i)
{
    aw_begin(w, "decisionList");
    local_attrs(w, NULL);
    aw_begin_list(w, "content");
    for (uint32_t k = i + 1; k < w->ev[i].more; k = w->ev[k].more + 1) {
        aw_begin(w, "decisionItem");
        local_attrs(w, "DECIDED");
        aw_begin_list(w, "content");
        aw_put_leaves(w, k + 1, w->ev[k].more, JD_NOSTR);
        aw_end(w, 2);
    }
    if (w->ev[i].more == i + 1) {
        aw_begin(w, "decisionItem");
        local_attrs(w, "DECIDED");
        aw_end(w, 1);
    }
    aw_end(w, 2);
}

static void put_panel(aw_writer *w, uint32_t i)
{
    static const char *const types[] = {
        [JD_MK_PANEL_PLAIN] = "info",      [JD_MK_PANEL_INFO] = "info",
        [JD_MK_PANEL_NOTE] = "note",       [JD_MK_PANEL_TIP] = "tip",
        [JD_MK_PANEL_SUCCESS] = "success", [JD_MK_PANEL_WARNING] = "warning",
        [JD_MK_PANEL_ERROR] = "error",     [JD_MK_PANEL_CUSTOM] = "custom",
    };
    uint32_t kind = w->ev[i].num <= JD_MK_PANEL_CUSTOM ? w->ev[i].num : JD_MK_PANEL_PLAIN;
    aw_begin(w, "panel");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "panelType", jd_str_of(types[kind]));
    aw_end(w, 1);
    content(w, i + 1, w->ev[i].more, IN_PANEL);
    aw_end(w, 1);
}

static void put_expand(aw_writer *w, uint32_t i, place where)
{
    bool nested = where != IN_DOC;
    aw_begin(w, nested ? "nestedExpand" : "expand");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "title", w->ev[i].text);
    aw_end(w, 1);
    content(w, i + 1, w->ev[i].more, nested ? IN_NESTED : IN_EXPAND);
    aw_end(w, 1);
}

static void put_cell(aw_writer *w, uint32_t i)
{
    uint32_t num = w->ev[i].num, columns = jd_mk_cell_columns(num), rows = jd_mk_cell_rows(num);
    aw_begin(w, jd_mk_cell_header(num) ? "tableHeader" : "tableCell");
    if (columns > 1 || rows > 1) {
        aw_begin_attrs(w);
        if (columns > 1)
            jd_jsonw_kint(&w->j, "colspan", columns);
        if (rows > 1)
            jd_jsonw_kint(&w->j, "rowspan", rows);
        aw_end(w, 1);
    }
    content(w, i + 1, w->ev[i].more, IN_CELL);
    aw_end(w, 1);
}

static void put_table(aw_writer *w, uint32_t i)
{
    uint32_t close = w->ev[i].more;
    begin_list_node(w, "table", NULL, 0);
    for (uint32_t row = i + 1; row < close; row = w->ev[row].more + 1) {
        begin_list_node(w, "tableRow", NULL, 0);
        for (uint32_t k = row + 1; k < w->ev[row].more; k = w->ev[k].more + 1)
            put_cell(w, k);
        aw_end(w, 2);
    }
    if (close == i + 1) {
        begin_list_node(w, "tableRow", NULL, 0);
        aw_end(w, 2);
    }
    aw_end(w, 2);
}

static bool is_web(jd_str dest)
{
    return jd_str_ieq(jd_str_cut(dest, 0, 7), JD_STR("http://")) ||
           jd_str_ieq(jd_str_cut(dest, 0, 8), JD_STR("https://"));
}

/* An image of its own. False when there is no node for it: what is neither attached by id nor on
 * the web is words. */
static bool put_figure(aw_writer *w, uint32_t i)
{
    const jd_mk_event *e     = &w->ev[i + 1];
    uint32_t           close = w->ev[i].more;
    jd_str             dest  = JD_NOSTR, id;
    if (e->edge == JD_MK_LEAF && e->kind == JD_MK_IMAGE)
        dest = aw_extra_of(w, e).dest;
    id = aw_media_id(dest);
    if (id.n == 0 && !is_web(dest))
        return false;
    aw_begin(w, "mediaSingle");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "layout", JD_STR("center"));
    aw_end(w, 1);
    aw_begin_list(w, "content");
    aw_begin(w, "media");
    if (id.n) {
        aw_media_attrs(w, "file", id, e->text);
    } else {
        aw_begin_attrs(w);
        jd_jsonw_kstr(&w->j, "type", JD_STR("external"));
        jd_jsonw_kstr(&w->j, "url", dest);
        if (e->text.n)
            jd_jsonw_kstr(&w->j, "alt", e->text);
        aw_end(w, 1);
    }
    aw_put_marks(w, 0, aw_href_of(w, e));
    aw_end(w, 1);
    if (close > i + 2) {
        begin_list_node(w, "caption", NULL, 0);
        w->in_caption = true;
        aw_put_leaves(w, i + 2, close, JD_NOSTR);
        w->in_caption = false;
        aw_end(w, 2);
    }
    aw_end(w, 2);
    return true;
}

static bool all_attached(const aw_writer *w, uint32_t i)
{
    uint32_t k = i + 1;
    while (k < w->ev[i].more && aw_media_id(aw_extra_of(w, &w->ev[k]).dest).n)
        k++;
    return k == w->ev[i].more && k > i + 1;
}

/* Attached files are a group; others a list of links. */
static void put_files(aw_writer *w, uint32_t i, place where)
{
    uint32_t close = w->ev[i].more;
    bool     list  = where != IN_TASK && !deep(w);
    if (list && all_attached(w, i) && (allowed[where] & B(FILES))) {
        begin_list_node(w, "mediaGroup", NULL, 0);
        for (uint32_t k = i + 1; k < close; k++) {
            aw_begin(w, "media");
            aw_media_attrs(w, "file", aw_media_id(aw_extra_of(w, &w->ev[k]).dest), w->ev[k].text);
            aw_put_marks(w, 0, aw_href_of(w, &w->ev[k]));
            aw_end(w, 1);
        }
        aw_end(w, 2);
        return;
    }
    if (list)
        begin_list_node(w, "bulletList", NULL, 0);
    for (uint32_t k = i + 1; k < close; k++) {
        if (list)
            begin_list_node(w, "listItem", NULL, 0);
        put_paragraph(w, k, k + 1, 0);
        if (list)
            aw_end(w, 2);
    }
    if (list)
        aw_end(w, 2);
}

/* What may not stand where it is: as paragraphs */

static uint32_t words_of_items(aw_writer *w, uint32_t i, place where)
{
    uint32_t n = 0, number = w->ev[i].num;
    for (uint32_t k = i + 1; k < w->ev[i].more; k = w->ev[k].more + 1) {
        const jd_mk_event *item = &w->ev[k];
        switch (item->kind) {
        case JD_MK_TASK:
            w->lead = item->num ? JD_STR("[x] ") : JD_STR("[ ] ");
            break;
        case JD_MK_DECISION:
            w->lead = JD_STR("Decision: ");
            break;
        case JD_MK_ITEM:
            w->lead = w->ev[i].kind == JD_MK_ORDERED ? jd_arena_fmt(w->d->arena, "%u. ", number++)
                                                     : JD_STR("- ");
            break;
        default: /* a list of tasks in one */
            n += words_of_items(w, k, where);
            continue;
        }
        n += blocks(w, k + 1, item->more, where);
        w->lead = JD_NOSTR;
    }
    return n;
}

static uint32_t words_of_rows(aw_writer *w, uint32_t i)
{
    uint32_t n = 0;
    for (uint32_t row = i + 1; row < w->ev[i].more; row = w->ev[row].more + 1, n++) {
        aw_begin(w, "paragraph");
        aw_begin_list(w, "content");
        put_lead(w);
        for (uint32_t k = row + 1; k < w->ev[row].more; k = w->ev[k].more + 1) {
            if (k > row + 1)
                aw_put_text(w, JD_STR(" | "), 0, (jd_mk_href){0});
            aw_put_leaves(w, k + 1, w->ev[k].more, JD_STR("; "));
        }
        aw_end(w, 2);
    }
    return n;
}

static uint32_t words_of_code(aw_writer *w, uint32_t i)
{
    uint32_t n = 0;
    for (uint32_t k = i + 1; k < w->ev[i].more; k++, n++)
        put_words_paragraph(w, w->ev[k].text, JD_MK_MONO);
    return n;
}

static uint32_t words_of(aw_writer *w, uint32_t i, place where)
{
    const jd_mk_event *e = &w->ev[i];
    uint32_t           n = 0;
    switch (e->kind) {
    case JD_MK_HEADING:
        put_paragraph(w, i + 1, e->more, JD_MK_STRONG);
        return 1;
    case JD_MK_BULLETS:
    case JD_MK_ORDERED:
    case JD_MK_TASKS:
    case JD_MK_DECISIONS:
        return words_of_items(w, i, where);
    case JD_MK_TABLE:
        return words_of_rows(w, i);
    case JD_MK_CODE:
        return words_of_code(w, i);
    case JD_MK_FILES:
        put_files(w, i, where);
        return e->more - i - 1;
    case JD_MK_EXPAND:
        if (e->text.n) {
            put_words_paragraph(w, e->text, JD_MK_STRONG);
            n = 1;
        }
        break;
    default:
        break;
    }
    return n + blocks(w, i + 1, e->more, where);
}

/* The block that opens at i; gives how many nodes it became. */
static uint32_t block(aw_writer *w, uint32_t i, place where)
{
    const jd_mk_event *e = &w->ev[i];
    w->d->steps++;
    if (!(allowed[where] & 1U << e->kind) || (deep(w) && e->kind != JD_MK_PARAGRAPH))
        return words_of(w, i, where);
    switch (e->kind) {
    case JD_MK_HEADING:
        put_heading(w, i);
        break;
    case JD_MK_BULLETS:
    case JD_MK_ORDERED:
        put_items(w, i);
        break;
    case JD_MK_TASKS:
        put_tasks(w, i);
        break;
    case JD_MK_DECISIONS:
        put_decisions(w, i);
        break;
    case JD_MK_CODE:
        put_code(w, i);
        break;
    case JD_MK_QUOTE:
        aw_begin(w, "blockquote");
        content(w, i + 1, e->more, IN_QUOTE);
        aw_end(w, 1);
        break;
    case JD_MK_PANEL:
        put_panel(w, i);
        break;
    case JD_MK_EXPAND:
        put_expand(w, i, where);
        break;
    case JD_MK_TABLE:
        put_table(w, i);
        break;
    case JD_MK_FIGURE:
        if (!put_figure(w, i))
            return words_of(w, i, where);
        break;
    case JD_MK_FILES:
        put_files(w, i, where);
        break;
    default:
        put_paragraph(w, i + 1, e->more, 0);
        break;
    }
    return 1;
}

/* A rule or a card among blocks. */
static uint32_t block_leaf(aw_writer *w, const jd_mk_event *e, uint32_t i, place where)
{
    bool fits = (allowed[where] & 1U << e->kind) && !deep(w);
    if (e->kind == JD_MK_RULE) {
        if (fits)
            aw_put_bare(w, "rule");
        return fits;
    }
    if (fits && e->text.n == 0 && e->link && is_web(w->d->links[e->link].dest))
        aw_put_card(w, e, "blockCard");
    else
        put_paragraph(w, i, i + 1, 0);
    return 1;
}

static uint32_t blocks(aw_writer *w, uint32_t from, uint32_t to, place where)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < to;) {
        const jd_mk_event *e = &w->ev[i];
        if (e->edge == JD_MK_OPEN) {
            n += block(w, i, where);
            i = e->more + 1;
        } else if (e->kind == JD_MK_RULE || e->kind == JD_MK_CARD) {
            n += block_leaf(w, e, i++, where);
        } else {
            uint32_t next = leaves_end(w, i, to);
            put_paragraph(w, i, next, 0);
            n++;
            i = next;
        }
    }
    return n;
}

void jd_write_adf(jd_buf *out, jd_mk_doc *d)
{
    aw_writer w = {.j = jd_jsonw_to(out), .d = d, .ev = d->ev};
    jd_jsonw_object(&w.j);
    jd_jsonw_kint(&w.j, "version", 1);
    jd_jsonw_kstr(&w.j, "type", JD_STR("doc"));
    aw_begin_list(&w, "content");
    (void)blocks(&w, 0, d->n, IN_DOC);
    aw_end(&w, 2);
}
