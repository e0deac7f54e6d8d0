#include "sim/adf_read.h"

static jd_str type_of(const jd_json *node)
{
    return jd_json_str(jd_json_get(node, "type"));
}

static bool read_node(jd_buf *out, const jd_json *node, const char *item, int depth);

static bool read_all(jd_buf *out, const jd_json *list, const char *item, int depth)
{
    if (list && jd_json_kind(list) != JD_JSON_ARRAY)
        return false;
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        if (!read_node(out, it.value, item, depth + 1))
            return false;
    return true;
}

/* A text with its marks around it. */
static bool read_text(jd_buf *out, const jd_json *node)
{
    static const struct {
        const char *type, *open, *close;
    } marks[] = {
        {"strong", "*", "*"}, {"em", "_", "_"}, {"code", "{{", "}}"}, {"strike", "-", "-"}};
    enum { N = sizeof marks / sizeof *marks };
    jd_str text = jd_json_str(jd_json_get(node, "text")), link = JD_NOSTR;
    bool   on[N] = {0};
    if (text.n == 0)
        return false;
    for (jd_json_iter it = jd_json_walk(jd_json_get(node, "marks")); jd_json_next(&it);) {
        if (jd_str_is(type_of(it.value), "link"))
            link = jd_json_str(jd_json_path(it.value, "attrs.href"));
        for (size_t i = 0; i < N; i++)
            on[i] = on[i] || jd_str_is(type_of(it.value), marks[i].type);
    }
    if (link.n > 0)
        jd_buf_addc(out, '[');
    for (size_t i = 0; i < N; i++)
        if (on[i])
            jd_buf_addz(out, marks[i].open);
    jd_buf_adds(out, text);
    for (size_t i = N; i-- > 0;)
        if (on[i])
            jd_buf_addz(out, marks[i].close);
    if (link.n > 0)
        jd_buf_addf(out, "|%.*s]", JD_FMT(link));
    return true;
}

/* What stands for itself in a line; false when it is not such a node. */
static bool read_leaf(jd_buf *out, const jd_json *node, jd_str type)
{
    if (jd_str_is(type, "hardBreak"))
        jd_buf_addc(out, '\n');
    else if (jd_str_is(type, "mention"))
        jd_buf_adds(out, jd_json_str(jd_json_path(node, "attrs.text")));
    else if (jd_str_is(type, "emoji"))
        jd_buf_adds(out, jd_json_str(jd_json_path(node, "attrs.shortName")));
    else if (jd_str_is(type, "inlineCard") || jd_str_is(type, "blockCard"))
        jd_buf_adds(out, jd_json_str(jd_json_path(node, "attrs.url")));
    else if (jd_str_is(type, "rule"))
        jd_buf_addz(out, "----\n");
    else
        return false;
    return true;
}

static bool read_node(jd_buf *out, const jd_json *node, const char *item, int depth)
{
    jd_str         type    = type_of(node);
    const jd_json *content = jd_json_get(node, "content");
    int64_t        level   = 1;
    if (depth >= SIM_ADF_READ_DEPTH || type.n == 0)
        return false;
    if (jd_str_is(type, "text"))
        return read_text(out, node);
    if (read_leaf(out, node, type))
        return true;
    if (jd_str_is(type, "bulletList") || jd_str_is(type, "orderedList"))
        return read_all(out, content, jd_str_is(type, "bulletList") ? "* " : "# ", depth);
    if (jd_str_is(type, "listItem")) {
        jd_buf_addz(out, item);
        return read_all(out, content, item, depth);
    }
    if (jd_str_is(type, "heading")) {
        (void)jd_json_i64(jd_json_path(node, "attrs.level"), &level);
        jd_buf_addf(out, "h%d. ", level >= 1 && level <= 6 ? (int)level : 1);
    }
    bool code = jd_str_is(type, "codeBlock");
    if (code)
        jd_buf_addz(out, "{code}\n");
    if (!read_all(out, content, item, depth))
        return false;
    jd_buf_addz(out, code ? "\n{code}\n" : "\n");
    return true;
}

bool sim_adf_read(jd_buf *out, const jd_json *document)
{
    int64_t        version = 0;
    const jd_json *content = jd_json_get(document, "content");
    if (!jd_str_is(type_of(document), "doc") ||
        !jd_json_i64(jd_json_get(document, "version"), &version) || version != 1 ||
        jd_json_kind(content) != JD_JSON_ARRAY || !read_all(out, content, "", 0))
        return false;
    while (out->n > 0 && out->p[out->n - 1] == '\n')
        out->n--;
    return true;
}
