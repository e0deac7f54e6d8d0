/* The prose: wiki markup made of the sentences in words.c. */
#include "sim/gen.h"

static jd_str newline(const gen_issue *g)
{
    return g->crlf ? JD_STR("\r\n") : JD_STR("\n");
}

static void line(gen_issue *g, jd_buf *out)
{
    gen_puts(out, newline(g));
}

/* Mostly what the issue is about, now and then something else. */
static jd_str about(gen_issue *g, sim_words w, int topic)
{
    return gen_below(g, 4) ? w.v[g->head.topic[topic]] : gen_pick(g, w);
}

static void slot(gen_issue *g, jd_buf *out, char c)
{
    static const uint64_t sizes[] = {10, 1000, 1000, 100000};
    switch (c) {
    case 'C':
        gen_puts(out, about(g, sim_words_class, 0));
        break;
    case 'M':
        gen_puts(out, about(g, sim_words_method, 1));
        break;
    case 'E':
        gen_puts(out, about(g, sim_words_exception, 2));
        break;
    case 'K':
        gen_puts(out, about(g, sim_words_config, 3));
        break;
    case 'N':
        gen_number(out, 2 + gen_below(g, sizes[gen_below(g, 4)]));
        break;
    case 'V':
        gen_puts(out, gen_pick(g, sim_words_version));
        break;
    case 'H':
        gen_puts(out, gen_pick(g, sim_words_host));
        break;
    case 'S':
        gen_puts(out, gen_pick(g, sim_words_component));
        break;
    case 'P':
        gen_puts(out, g->ctx->lower);
        break;
    case 'U':
        GEN_LIT(out, "[~");
        gen_puts(out, sim_people[gen_below(g, SIM_PEOPLE)].login);
        GEN_LIT(out, "]");
        break;
    default: /* I: an issue that was there before */
        gen_key(out, g->ctx, gen_below(g, g->head.index + 1));
        break;
    }
}

void gen_say(gen_issue *g, jd_buf *out, jd_str template)
{
    const char *p = template.p, *end = p + template.n;
    while (p < end) {
        const char *at = memchr(p, '$', (size_t)(end - p));
        if (!at || at + 1 == end) {
            gen_put(out, p, (size_t)(end - p));
            return;
        }
        gen_put(out, p, (size_t)(at - p));
        slot(g, out, at[1]);
        p = at + 2;
    }
}

void gen_summary(const gen_ctx *c, const gen_head *h, jd_buf *out)
{
    gen_issue small; /* slots look at these members only */
    small.ctx  = c;
    small.head = *h;
    small.rng  = jd_rng_seed(h->text_seed);
    gen_say(&small, out, gen_pick(&small, sim_words_summary));
}

void gen_lines(gen_issue *g, jd_buf *out, int sentences)
{
    for (int i = 0; i < sentences; i++) {
        if (i > 0)
            GEN_LIT(out, " ");
        gen_say(g, out, gen_pick(g, sim_words_problem));
    }
}

/* ---- blocks */

static void stack_trace(gen_issue *g, jd_buf *out)
{
    uint64_t frames = 4 + gen_below(g, 9);
    GEN_LIT(out, "{noformat}");
    line(g, out);
    gen_say(g, out, JD_STR("java.lang.$E: $M failed on $H"));
    line(g, out);
    for (uint64_t i = 0; i < frames; i++) {
        jd_str class = gen_pick(g, sim_words_class);
        GEN_LIT(out, "\tat org.apache.");
        gen_puts(out, g->ctx->lower);
        GEN_LIT(out, ".");
        gen_puts(out, gen_pick(g, sim_words_package));
        GEN_LIT(out, ".");
        gen_puts(out, class);
        GEN_LIT(out, ".");
        gen_puts(out, gen_pick(g, sim_words_method));
        GEN_LIT(out, "(");
        gen_puts(out, class);
        GEN_LIT(out, ".java:");
        gen_number(out, 20 + gen_below(g, 2000));
        GEN_LIT(out, ")");
        line(g, out);
    }
    if (gen_chance(g, 300)) {
        gen_say(g, out, JD_STR("Caused by: java.lang.$E"));
        line(g, out);
        GEN_LIT(out, "\t... 12 more");
        line(g, out);
    }
    GEN_LIT(out, "{noformat}");
    line(g, out);
}

/* One day's lines, the milliseconds rising. */
static void log_lines(gen_issue *g, jd_buf *out, uint64_t n)
{
    uint64_t month = 1 + gen_below(g, 9), day = 10 + gen_below(g, 19);
    uint64_t minute = 10 + gen_below(g, 49), ms = 100 + gen_below(g, 40);
    for (uint64_t i = 0; i < n; i++, ms += 1 + gen_below(g, 60)) {
        GEN_LIT(out, "2019-0");
        gen_number(out, month);
        GEN_LIT(out, "-");
        gen_number(out, day);
        GEN_LIT(out, " 10:");
        gen_number(out, minute);
        GEN_LIT(out, ":17,");
        gen_number(out, ms < 999 ? ms : 999);
        GEN_LIT(out, " ");
        gen_say(g, out, gen_pick(g, sim_words_log));
        line(g, out);
    }
}

static void log_block(gen_issue *g, jd_buf *out)
{
    GEN_LIT(out, "{noformat:title=server.log}");
    line(g, out);
    log_lines(g, out, 3 + gen_below(g, 6));
    GEN_LIT(out, "{noformat}");
    line(g, out);
}

static void code_block(gen_issue *g, jd_buf *out)
{
    uint64_t n = 2 + gen_below(g, 5);
    if (gen_chance(g, 750))
        GEN_LIT(out, "{code:java}");
    else
        GEN_LIT(out, "{code:title=Example.java|borderStyle=solid}");
    line(g, out);
    for (uint64_t i = 0; i < n; i++) {
        gen_say(g, out, gen_pick(g, sim_words_code));
        line(g, out);
    }
    GEN_LIT(out, "{code}");
    line(g, out);
}

static void steps(gen_issue *g, jd_buf *out)
{
    uint64_t n = 2 + gen_below(g, 3);
    GEN_LIT(out, "h2. Steps to reproduce");
    line(g, out);
    for (uint64_t i = 0; i < n; i++) {
        GEN_LIT(out, "# ");
        gen_say(g, out, gen_pick(g, sim_words_step));
        line(g, out);
    }
    if (gen_chance(g, 500)) {
        GEN_LIT(out, "## ");
        gen_say(g, out, gen_pick(g, sim_words_step));
        line(g, out);
    }
    GEN_LIT(out, "*Expected:* ");
    gen_say(g, out, JD_STR("{{$M}} returns within $N ms."));
    line(g, out);
}

static void bullets(gen_issue *g, jd_buf *out)
{
    uint64_t n = 2 + gen_below(g, 3);
    for (uint64_t i = 0; i < n; i++) {
        GEN_LIT(out, "* ");
        gen_say(g, out, gen_pick(g, sim_words_step));
        line(g, out);
    }
}

static void table(gen_issue *g, jd_buf *out)
{
    GEN_LIT(out, "||version||{{$K}}||ms||");
    line(g, out);
    for (int i = 0; i < 3; i++) {
        gen_say(g, out, JD_STR("|$V|$N|$N|"));
        line(g, out);
    }
}

static void oddments(gen_issue *g, jd_buf *out)
{
    static const jd_str odd[] = {
        JD_STR_INIT("!screenshot-$N.png|thumbnail!"),
        JD_STR_INIT("{quote}$K must not be $N{quote}"),
        JD_STR_INIT("See https://example.org/docs/$P/$V/$M.html#$K and $I."),
        JD_STR_INIT("{panel:title=Note}Only with {{$K=$N}}.{panel}"),
        JD_STR_INIT("[^$M-$N.log] has the details, cc $U"),
        JD_STR_INIT("----"),
    };
    gen_say(g, out, odd[gen_below(g, sizeof odd / sizeof *odd)]);
    line(g, out);
}

typedef void (*block)(gen_issue *g, jd_buf *out);

static void some_block(gen_issue *g, jd_buf *out)
{
    static const block blocks[] = {stack_trace, log_block, code_block, bullets, table, oddments};
    static const int   up_to[]  = {28, 40, 65, 77, 82, 100};
    uint64_t           draw     = gen_below(g, 100);
    size_t             i        = 0;
    while ((int)draw >= up_to[i])
        i++;
    blocks[i](g, out);
}

void gen_description(gen_issue *g, jd_buf *out)
{
    gen_lines(g, out, 1 + (int)gen_below(g, 3));
    line(g, out);
    if (gen_chance(g, 60)) {
        gen_say(g, out, gen_pick(g, sim_words_foreign));
        line(g, out);
    }
    if (g->head.type == SIM_BUG && gen_chance(g, 350)) {
        line(g, out);
        steps(g, out);
    }
    for (int i = 0; i < 2 && gen_chance(g, 450); i++) {
        line(g, out);
        some_block(g, out);
    }
    if (gen_chance(g, 300)) {
        line(g, out);
        gen_lines(g, out, 1);
    }
    if (g->head.special == SIM_GEN_LONG) {
        line(g, out);
        GEN_LIT(out, "{noformat}");
        line(g, out);
        while (out->n < 130000)
            log_lines(g, out, 8);
        GEN_LIT(out, "{noformat}");
    }
}

/* ---- comments */

static void qa_report(gen_issue *g, jd_buf *out)
{
    static const jd_str rows[] = {
        JD_STR_INIT("| {color:green}+1{color} | mvninstall | 7m $Ns | trunk passed |"),
        JD_STR_INIT("| {color:green}+1{color} | compile | 6m $Ns | the patch passed |"),
        JD_STR_INIT("| {color:red}-1{color} | checkstyle | 0m $Ns | $S: The patch generated $N new "
                    "+ $N unchanged - 0 fixed = $N total |"),
        JD_STR_INIT("| {color:green}+1{color} | javadoc | 0m $Ns | the patch passed |"),
        JD_STR_INIT("| {color:red}-1{color} | unit | $Nm 12s | $S in the patch failed. |"),
    };
    gen_say(g, out,
            JD_STR("| (x) *{color:red}-1 overall{color}* |\n\\\\\n\\\\\n|| Vote || Subsystem "
                   "|| Runtime || Comment ||\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gen_say(g, out, rows[i]);
        GEN_LIT(out, "\n");
    }
    gen_say(g, out,
            JD_STR("\\\\\n|| Reason || Tests ||\n| Failed junit tests | $P.Test$C |\n"
                   "\n\nThis message was automatically generated.\n"));
}

void gen_comment_body(gen_issue *g, jd_buf *out, gen_comment kind)
{
    switch (kind) {
    case GEN_C_PLUS_ONE:
        gen_say(g, out, gen_pick(g, sim_words_plus_one));
        break;
    case GEN_C_FOREIGN:
        gen_say(g, out, gen_pick(g, sim_words_foreign));
        break;
    case GEN_C_QA:
        qa_report(g, out);
        break;
    case GEN_C_HUDSON:
        gen_say(g, out,
                JD_STR("SUCCESS: Integrated in Jenkins build $P-trunk-Commit #$N (See "
                       "[https://builds.example.org/job/$P-trunk-Commit/$N/])\n"));
        gen_key(out, g->ctx, g->head.index);
        GEN_LIT(out, ". ");
        gen_puts(out, jd_buf_view(&g->summary));
        gen_say(g, out, JD_STR(" (rev 4f2c$N)\n* (edit) $P/src/main/java/$C.java\n"));
        break;
    case GEN_C_GITHUB:
        gen_say(g, out,
                JD_STR("$P-dev opened a new pull request, #$N:\nURL: "
                       "https://github.com/example/$P/pull/$N\n\n   $C: $M\n   \n"));
        break;
    case GEN_C_ANSWER:
        gen_say(g, out, gen_pick(g, sim_words_answer));
        break;
    case GEN_C_COMMIT:
        gen_say(g, out, gen_pick(g, sim_words_commit));
        break;
    case GEN_C_LONG:
        GEN_LIT(out, "{noformat}\r\n");
        while (out->n < 55000)
            log_lines(g, out, 8);
        GEN_LIT(out, "{noformat}");
        break;
    case GEN_C_TALK:
        for (uint64_t n = 1 + gen_below(g, 3), i = 0; i < n; i++) {
            if (i > 0)
                GEN_LIT(out, " ");
            gen_say(g, out, gen_pick(g, sim_words_talk));
        }
        if (gen_chance(g, 120)) {
            line(g, out);
            line(g, out);
            some_block(g, out);
        }
        break;
    }
}
