#include "corpus/body.h"

#include "corpus/person.h"
#include "corpus/text.h"

/* ---- names ---- */

static int by_id(const void *a, const void *b)
{
    const jd_named *x = a, *y = b;
    return jd_str_cmp(x->id, y->id);
}

static jd_str look_up(const jd_named_list *l, jd_str id)
{
    jd_named        key = {id, JD_NOSTR};
    const jd_named *at =
        id.n && l->of.n ? bsearch(&key, l->of.v, l->of.n, sizeof *l->of.v, by_id) : NULL;
    return at ? at->shown : JD_NOSTR;
}

static void add_name(jd_named_list *l, jd_str id, jd_str shown)
{
    if (id.n)
        *jd_vec_add(&l->of) = (jd_named){id, shown};
}

static void sort_names(jd_named_list *l)
{
    if (l->of.n)
        qsort(l->of.v, l->of.n, sizeof *l->of.v, by_id);
    l->known = true;
}

static jd_str clean(const jd_bodies *b, jd_str s)
{
    jd_buf own = JD_BUF_INIT(SIZE_MAX / 2);
    jd_str out = jd_text_clean(b->arena, &own, s);
    jd_buf_release(&own);
    return out;
}

static void add_person(jd_bodies *b, const jd_json *user)
{
    jd_person p = jd_person_of(user);
    if (!p.display.n)
        return;
    jd_str shown = clean(b, p.display);
    add_name(&b->people, p.name, shown);
    add_name(&b->people, p.key, shown);
    add_name(&b->people, p.account, shown);
}

/* Those who wrote the elements of a list. */
static void add_authors(jd_bodies *b, const jd_json *list)
{
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        if (!b->include_restricted && jd_is_restricted(jd_json_get(it.value, "visibility"),
                                                       jd_json_get(it.value, "jsdPublic")))
            continue;
        add_person(b, jd_json_get(it.value, "author"));
        add_person(b, jd_json_get(it.value, "updateAuthor"));
    }
}

static jd_str person_name(void *user, jd_str id)
{
    jd_bodies *b = user;
    if (!b->people.known) {
        const jd_json *fields = jd_json_get(b->issue, "fields");
        add_person(b, jd_json_get(fields, "reporter"));
        add_person(b, jd_json_get(fields, "assignee"));
        add_person(b, jd_json_get(fields, "creator"));
        add_authors(b, jd_json_path(fields, "comment.comments"));
        add_authors(b, jd_json_path(fields, "worklog.worklogs"));
        add_authors(b, jd_json_path(b->issue, "changelog.histories"));
        sort_names(&b->people);
    }
    return look_up(&b->people, id);
}

static jd_str file_name(void *user, jd_str id, jd_str name)
{
    jd_bodies *b = user;
    if (!b->files.known) {
        const jd_json *list = jd_json_path(b->issue, "fields.attachment");
        for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
            jd_str file = clean(b, jd_json_str(jd_json_get(it.value, "filename")));
            if (!file.n)
                continue;
            add_name(&b->files, file, file);
            add_name(&b->files, jd_json_str(jd_json_get(it.value, "id")), file);
        }
        sort_names(&b->files);
    }
    jd_str found = look_up(&b->files, name);
    return found.n ? found : look_up(&b->files, id);
}

/* ---- bodies ---- */

bool jd_is_restricted(const jd_json *visibility, const jd_json *jsd_public)
{
    return !jd_json_is_null(visibility) ||
           (jd_json_kind(jsd_public) == JD_JSON_BOOL && !jd_json_bool(jsd_public));
}

void jd_bodies_of(jd_bodies *b, jd_arena *a, jd_buf *scratch, const jd_json *issue)
{
    b->arena = b->doc.arena = a;
    b->scratch              = scratch;
    b->issue                = issue;
    b->people.of.n = b->files.of.n = 0;
    b->people.known = b->files.known = false;
}

void jd_bodies_tidy(jd_bodies *b)
{
    enum { EVENTS_KEPT = 1 << 16, NAMES_KEPT = 1 << 12 };
    if (b->doc.cap > EVENTS_KEPT)
        jd_mk_release(&b->doc);
    if (b->people.of.cap > NAMES_KEPT)
        jd_vec_release(&b->people.of);
    if (b->files.of.cap > NAMES_KEPT)
        jd_vec_release(&b->files.of);
}

void jd_bodies_release(jd_bodies *b)
{
    jd_mk_release(&b->doc);
    jd_vec_release(&b->people.of);
    jd_vec_release(&b->files.of);
}

static jd_str written(jd_bodies *b, jd_mk_form form)
{
    jd_buf_reset(b->scratch);
    jd_mk_write(b->scratch, form, &b->doc);
    jd_str s = jd_buf_view(b->scratch);
    return s.n ? jd_arena_dup(b->arena, s) : JD_STR("");
}

jd_str jd_body(jd_bodies *b, const jd_json *body, jd_str *wiki)
{
    jd_mk_names names  = {b, person_name, file_name, NULL};
    bool        is_str = jd_json_is_str(body);
    jd_str      source = JD_NOSTR, out = JD_NOSTR;
    if (is_str) {
        source = jd_json_str(body);
        source = source.n ? jd_text_clean(b->arena, b->scratch, source) : JD_STR("");
        out    = source;
    } else if (jd_json_kind(body) != JD_JSON_OBJECT) {
        if (wiki)
            *wiki = JD_NOSTR;
        return JD_NOSTR;
    }
    if (!is_str || (b->form != JD_MK_WIKI && source.n)) {
        b->doc.names = &names;
        if (is_str)
            jd_read_wiki(&b->doc, source);
        else
            jd_read_adf(&b->doc, body);
        out = written(b, b->form);
        if (!is_str)
            source = b->form == JD_MK_WIKI ? out : wiki ? written(b, JD_MK_WIKI) : JD_NOSTR;
        b->doc.names = NULL;
    }
    if (wiki)
        *wiki = source;
    return out;
}
