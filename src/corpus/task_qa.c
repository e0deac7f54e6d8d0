/* qa: what was the issue, and how was it resolved?
 *
 * question  "What is the issue with '<title>' and how was it resolved?"
 * context   "Title: …\n\nDescription: …", then "\n\nComment: …" for each earlier human comment that
 *           is no chatter: the latest ones that fit in CONTEXT_COMMENTS bytes
 * answer    the comment that resolved the issue, whole
 *
 * The answer is found by evidence. Candidates are human comments from 30 days before to 24 hours
 * after the moment the present resolution was set (by the changelog, else `resolutiondate`). Points
 * (below) say who wrote it, when, and what it says; the highest wins, of equals the latest, and it
 * must reach THRESHOLD. No candidates are: texts of mass edits, comments of fewer than FEWEST_WORDS
 * words of prose, and, if they name no cause or fix, commit notices ("Committed to trunk"), review
 * chatter and questions. The answer never stands in the context. */
#include "corpus/cues.h"
#include "corpus/task.h"
#include "corpus/text.h"

enum {
    THRESHOLD        = 5,
    FEWEST_WORDS     = 8,
    LENGTH_LEAST     = 20, /* words of an answer of good length */
    LENGTH_MOST      = 250,
    BULK_MOST        = 120, /* words of a text that a mass edit leaves */
    NOTICE_MOST      = 25,  /* words of a commit notice or chatter, and no more */
    CHATTER_MOST     = 300, /* bytes; in the context, what is longer is no chatter */
    CONTEXT_COMMENTS = 8192,
};
static const int64_t minute = 60000, day = 86400000;

enum points {
    BY_RESOLVER  = 3, /* who set the resolution wrote it */
    BY_ASSIGNEE  = 2,
    CONFIRMED    = 1, /* the reporter says that it works */
    SAME_MOMENT  = 2, /* within two minutes of the resolution: written in its dialog */
    SAME_DAY     = 1,
    NAMES_CAUSE  = 2, /* cue words of cause and fix */
    LINKS_CHANGE = 1, /* a commit, pull request or review */
    GOOD_LENGTH  = 1, /* of prose: LENGTH_LEAST .. LENGTH_MOST words */
    LAST_WORD    = 1, /* the last human comment there is */
    ASKS         = -3,
    REPORTS      = -3, /* "still reproducible", "tested with …" */
};

static bool in_window(const jd_view *v, const jd_remark *m)
{
    return m->human && m->created_ms != JD_NO_TIME && m->created_ms >= v->resolved_ms - 30 * day &&
           m->created_ms <= v->resolved_ms + day;
}

static bool is_chatter(jd_cues c)
{
    return (c.found & JD_CUE_CHATTER) && !(c.found & JD_CUE_CAUSE) && c.words < NOTICE_MOST;
}

/* What who and when say. */
static int score_outside(const jd_view *v, const jd_remark *m, bool last)
{
    int     sum   = last ? LAST_WORD : 0;
    int64_t apart = m->created_ms - v->resolved_ms;
    sum += jd_person_same(&m->author, &v->resolver) ? BY_RESOLVER : 0;
    sum += jd_person_same(&m->author, &v->assignee) ? BY_ASSIGNEE : 0;
    sum += apart >= -2 * minute && apart <= 2 * minute ? SAME_MOMENT : 0;
    sum += apart >= -day && apart <= day ? SAME_DAY : 0;
    return sum;
}

/* What the words say; never more than words_most(). */
static int score_words(const jd_view *v, const jd_remark *m, jd_cues c)
{
    bool cause = c.found & JD_CUE_CAUSE;
    int  sum   = cause ? NAMES_CAUSE : 0;
    if ((c.found & JD_CUE_CONFIRM) && jd_person_same(&m->author, &v->reporter))
        sum += CONFIRMED;
    sum += c.found & JD_CUE_LINK ? LINKS_CHANGE : 0;
    sum += c.words >= LENGTH_LEAST && c.words <= LENGTH_MOST ? GOOD_LENGTH : 0;
    sum += c.found & JD_CUE_ASK ? ASKS : 0;
    sum += c.found & JD_CUE_REPORT ? REPORTS : 0;
    return sum;
}

/* The most that the words could say, without reading them: a link has a slash, and so many words
 * have so many bytes. */
static int words_most(const jd_view *v, const jd_remark *m)
{
    int sum = NAMES_CAUSE;
    sum += jd_person_same(&m->author, &v->reporter) ? CONFIRMED : 0;
    sum += jd_str_find(m->wiki, '/') < m->wiki.n ? LINKS_CHANGE : 0;
    sum += m->wiki.n >= LENGTH_LEAST * 2 - 1 ? GOOD_LENGTH : 0;
    return sum;
}

/* Without a word on cause or fix, a short commit notice, chatter and a question answer nothing, no
 * matter who wrote them. */
static bool is_candidate(jd_cues c)
{
    if (c.words < FEWEST_WORDS || ((c.found & JD_CUE_BULK) && c.words <= BULK_MOST))
        return false;
    if (c.found & JD_CUE_CAUSE)
        return true;
    return !((c.found & JD_CUE_COMMIT) && c.words < NOTICE_MOST) && !is_chatter(c) &&
           !(c.found & JD_CUE_ASK);
}

/* The place of the answer among the comments, or why there is none. */
static jd_skip find_answer(const jd_view *v, size_t *place)
{
    size_t humans = 0, near = 0, last = 0;
    int    need  = THRESHOLD;
    bool   found = false;
    for (size_t i = 0; i < v->n_remarks; i++)
        if (v->remark[i].human) {
            humans++;
            last = i;
        }
    if (humans == 0)
        return JD_NO_HUMAN_COMMENT;
    if (v->resolved_ms == JD_NO_TIME)
        return JD_NO_RESOLUTION_TIME;
    /* from the last: what comes before it must have more points, and need not be read when who and
     * when say too little for that */
    for (size_t i = v->n_remarks; i-- > 0;) {
        const jd_remark *m = &v->remark[i];
        if (!in_window(v, m))
            continue;
        near++;
        int outside = score_outside(v, m, i == last);
        if (outside + words_most(v, m) < need)
            continue;
        jd_cues c      = jd_cues_of(m->wiki);
        int     points = outside + score_words(v, m, c);
        if (points < need || !is_candidate(c))
            continue;
        need   = points + 1;
        *place = i;
        found  = true;
    }
    if (near == 0)
        return JD_NO_COMMENT_IN_WINDOW;
    return found ? JD_MADE : JD_BELOW_THRESHOLD;
}

/* `answer_words` stand in the text, whatever the punctuation between them. */
static bool holds(jd_buf *scratch, jd_str text, jd_str answer_words)
{
    if (text.n < answer_words.n)
        return false;
    jd_buf_reset(scratch);
    jd_text_words(scratch, text);
    return jd_str_search(jd_buf_view(scratch), answer_words) < scratch->n;
}

/* The first of the comments before `answer` that still fits. */
static size_t first_in_context(const jd_view *v, size_t answer)
{
    size_t room = CONTEXT_COMMENTS, first = answer;
    for (size_t i = answer; i-- > 0;) {
        const jd_remark *m = &v->remark[i];
        if (!m->human)
            continue;
        if (m->body.n > room)
            break;
        room -= m->body.n;
        first = i;
    }
    return first;
}

static void add_context(jd_task_room *room, const jd_view *v, size_t answer, jd_str answer_words)
{
    for (size_t i = first_in_context(v, answer); i < answer; i++) {
        const jd_remark *m = &v->remark[i];
        if (!m->human || (m->body.n <= CHATTER_MOST && is_chatter(jd_cues_of(m->wiki))) ||
            holds(&room->more, m->body, answer_words))
            continue;
        jd_buf_addz(&room->text, "\n\nComment: ");
        jd_buf_adds(&room->text, jd_str_trim(m->body));
    }
}

jd_skip jd_task_qa(const jd_view *v, jd_task_room *room, jd_jsonw *out)
{
    if (jd_text_blank(v->title))
        return JD_NO_TITLE;
    if (!v->resolution.n)
        return JD_UNRESOLVED;
    size_t  place = 0;
    jd_skip why   = find_answer(v, &place);
    if (why != JD_MADE)
        return why;
    jd_str title = jd_str_trim(v->title), answer = jd_str_trim(v->remark[place].body);
    jd_buf_reset(&room->words);
    jd_text_words(&room->words, answer);
    jd_str answer_words = jd_buf_view(&room->words);
    jd_buf_reset(&room->text);
    jd_buf_addz(&room->text, "Title: ");
    jd_buf_adds(&room->text, title);
    if (!jd_text_blank(v->description)) {
        jd_buf_addz(&room->text, "\n\nDescription: ");
        jd_buf_adds(&room->text, jd_str_trim(v->description));
    }
    if (holds(&room->more, jd_buf_view(&room->text), answer_words))
        return JD_ANSWER_IN_CONTEXT;
    add_context(room, v, place, answer_words);
    jd_buf_reset(&room->more);
    jd_buf_addz(&room->more, "What is the issue with '");
    jd_buf_adds(&room->more, title);
    jd_buf_addz(&room->more, "' and how was it resolved?");
    jd_jsonw_object(out);
    jd_jsonw_kstr(out, "task", JD_STR("qa"));
    jd_jsonw_kstr(out, "question", jd_buf_view(&room->more));
    jd_jsonw_kstr(out, "context", jd_buf_view(&room->text));
    jd_jsonw_kstr(out, "answer", answer);
    jd_jsonw_end(out);
    return JD_MADE;
}
