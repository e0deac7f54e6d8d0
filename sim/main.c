/* jirasim: a Jira stand-in for demos, tests and benchmarks. */
#include "sim/dump.h"
#include "sim/load.h"
#include "sim/oauth.h"
#include "sim/side.h"
#include "sys/file.h"
#include "sys/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct args {
    const char *address, *port_file, *context, *base_url, *zone, *clock, *request_log, *dump;
    const char *changelogs, *faults, *rate, *flavour, *accounts, *oauth, *oauth_refresh, *cloud_id;
    uint64_t    port, media_port, seed, calm, page_cap, threads, comments, worklogs, histories,
        latency;
    jd_list generate, data, user, pat, tune;
    bool    nasty, require_auth, forbid, no_epoch, floor_epoch, rate_silent, help, version;
} args;

#define AT(field) offsetof(args, field)

static const jd_opt OPTIONS[] = {
    {.name = "address",
     .arg  = "ADDRESS",
     .dflt = "127.0.0.1",
     .kind = JD_OPT_STR,
     .at   = AT(address),
     .help = "Where to listen. The calls below /_sim/ answer on a loopback address only."},
    {.name = "port",
     .arg  = "N",
     .dflt = "8080",
     .kind = JD_OPT_COUNT,
     .at   = AT(port),
     .most = 65535,
     .help = "Port to listen on; 0 takes any free one."},
    {.name = "port-file",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     .at   = AT(port_file),
     .help = "Write the port's number there once requests are answered."},
    {.name = "flavour",
     .arg  = "dc|cloud",
     .dflt = "dc",
     .kind = JD_OPT_STR,
     .at   = AT(flavour),
     .help = "Which Jira: Data Center with REST v2, or Cloud with REST v3 and the same issues."},
    {.name = "context",
     .arg  = "PATH",
     .dflt = "/jira",
     .kind = JD_OPT_STR,
     .at   = AT(context),
     .help = "Context path of the REST API; / for none."},
    {.name = "base-url",
     .arg  = "URL",
     .kind = JD_OPT_STR,
     .at   = AT(base_url),
     .help = "What the server believes its address is, for the links in answers; self is where it "
             "listens. https://jira.example.org and the context path when not given."},
    {.name = "generate",
     .arg  = "KEY:COUNT",
     .kind = JD_OPT_LIST,
     .at   = AT(generate),
     .help = "Make up projects with that many issues."},
    {.name = "seed",
     .arg  = "N",
     .dflt = "7",
     .kind = JD_OPT_COUNT,
     .at   = AT(seed),
     .help = "The same seed makes the same issues."},
    {.name = "calm",
     .arg  = "PERCENT",
     .dflt = "0",
     .kind = JD_OPT_COUNT,
     .at   = AT(calm),
     .most = 100,
     .help = "Leave out that many of the comments, worklogs and edits of made-up issues, which are "
             "10 KB on average; with 100, 8 KB."},
    {.name = "nasty",
     .kind = JD_OPT_FLAG,
     .at   = AT(nasty),
     .help = "One made-up issue a project holds a NUL escape and half a surrogate pair."},
    {.name = "data",
     .arg  = "FILE",
     .kind = JD_OPT_LIST,
     .at   = AT(data),
     .help = "Serve the issues of these files: JSON Lines, plain, gzip or zstd."},
    {.name = "with-changelogs",
     .arg  = "SEED",
     .kind = JD_OPT_STR,
     .at   = AT(changelogs),
     .help = "Give issues that came without a changelog one that agrees with their fields."},
    {.name  = "page-cap",
     .arg   = "N",
     .dflt  = "1000",
     .kind  = JD_OPT_COUNT,
     .at    = AT(page_cap),
     .least = 1,
     .most  = 1000000,
     .help  = "maxResults is silently lowered to this."},
    {.name = "embed-comments",
     .arg  = "N",
     .kind = JD_OPT_COUNT,
     .at   = AT(comments),
     .dflt = "0",
     .help = "Search shows the first N comments of an issue only; 0 shows all, with Cloud 20."},
    {.name = "embed-worklogs",
     .arg  = "N",
     .dflt = "20",
     .kind = JD_OPT_COUNT,
     .at   = AT(worklogs),
     .help = "Search shows the first N worklogs of an issue only; 0 shows all."},
    {.name = "embed-changelog",
     .arg  = "N",
     .kind = JD_OPT_COUNT,
     .at   = AT(histories),
     .dflt = "0",
     .help = "Search shows the first N histories of an issue only, with Cloud the last N, newest "
             "first; 0 shows all, with Cloud 40."},
    {.name = "zone",
     .arg  = "ZONE",
     .kind = JD_OPT_STR,
     .at   = AT(zone),
     .help = "Time zone of anonymous callers and of accounts without one: how JQL's dates are read "
             "and which offset dates carry. UTC when not given."},
    {.name = "user",
     .arg  = "NAME:PASSWORD[:ZONE]",
     .kind = JD_OPT_LIST,
     .at   = AT(user),
     .help = "An account for Basic authentication."},
    {.name = "pat",
     .arg  = "TOKEN[:NAME[:ZONE]]",
     .kind = JD_OPT_LIST,
     .at   = AT(pat),
     .help = "A personal access token."},
    {.name = "accounts",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     .at   = AT(accounts),
     .help =
         "More accounts: a JSON array of {\"name\", \"secret\", \"kind\": \"basic\" | \"pat\" | "
         "\"scoped\", \"scopes\", \"expires\", \"zone\"}. Scoped ones are good at the gateway "
         "only."},
    {.name = "oauth",
     .arg  = "CLIENT_ID:SECRET",
     .kind = JD_OPT_STR,
     .at   = AT(oauth),
     .help = "The OAuth app of Cloud; its tokens speak for the first account."},
    {.name = "oauth-refresh",
     .arg  = "TOKEN",
     .kind = JD_OPT_STR,
     .at   = AT(oauth_refresh),
     .help = "A refresh token that is there from the start."},
    {.name = "cloud-id",
     .arg  = "UUID",
     .dflt = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9",
     .kind = JD_OPT_STR,
     .at   = AT(cloud_id),
     .help = "Cloud's gateway answers below /ex/jira/UUID."},
    {.name = "media-port",
     .arg  = "N",
     .dflt = "0",
     .kind = JD_OPT_COUNT,
     .at   = AT(media_port),
     .most = 65535,
     .help = "Where Cloud's attachments come from; 0 takes any free one."},
    {.name = "tune",
     .arg  = "NAME=N",
     .kind = JD_OPT_LIST,
     .at   = AT(tune),
     .help = "Traps and limits by number; their list stands below."},
    {.name = "require-auth",
     .kind = JD_OPT_FLAG,
     .at   = AT(require_auth),
     .help = "Anonymous callers get 401."},
    {.name = "forbid", .kind = JD_OPT_FLAG, .at = AT(forbid), .help = "Every caller gets 403."},
    {.name = "no-epoch",
     .kind = JD_OPT_FLAG,
     .at   = AT(no_epoch),
     .help = "JQL refuses epoch milliseconds, as an old server may."},
    {.name = "floor-epoch",
     .kind = JD_OPT_FLAG,
     .at   = AT(floor_epoch),
     .help = "JQL floors epoch milliseconds to the minute."},
    {.name = "clock",
     .arg  = "real|DATE",
     .dflt = "real",
     .kind = JD_OPT_STR,
     .at   = AT(clock),
     .help = "A date (2026-06-01T12:00:00Z) stands still until POST /_sim/clock moves it."},
    {.name = "faults",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     .at   = AT(faults),
     .help = "A script of what goes wrong and when; its grammar stands below."},
    {.name = "latency",
     .arg  = "MS",
     .dflt = "0",
     .kind = JD_OPT_COUNT,
     .at   = AT(latency),
     .most = 600000,
     .help = "Every REST answer comes that much later, any number of them side by side."},
    {.name = "rate",
     .arg  = "LIMIT:FILL:INTERVAL",
     .kind = JD_OPT_STR,
     .at   = AT(rate),
     .help =
         "Rate limit of each account (all anonymous callers are one): at most LIMIT tokens, FILL "
         "new ones every INTERVAL seconds; 429 and the headers of Data Center."},
    {.name = "rate-silent",
     .kind = JD_OPT_FLAG,
     .at   = AT(rate_silent),
     .help = "The same without any header that tells."},
    {.name = "request-log",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     .at   = AT(request_log),
     .help = "Write one JSON line a request there."},
    {.name = "dump",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     .at   = AT(dump),
     .help = "Write every issue, complete, as JSON Lines (- is standard output), and exit."},
    {.name  = "threads",
     .arg   = "N",
     .dflt  = "2",
     .kind  = JD_OPT_COUNT,
     .at    = AT(threads),
     .least = 1,
     .most  = 64,
     .help  = "How many threads answer requests."},
    {.name = "help", .letter = 'h', .kind = JD_OPT_FLAG, .at = AT(help), .help = "Show this."},
    {.name = "version", .kind = JD_OPT_FLAG, .at = AT(version), .help = "Show the version."},
    {0},
};

static const jd_opt *const TABLES[] = {OPTIONS, NULL};

static const jd_cmd CMD = {
    .name      = "jirasim",
    .brief     = "A Jira stand-in, Data Center or Cloud: made-up or real issues, served fast",
    .opts      = TABLES,
    .args_size = sizeof(args),
    .detail =
        "It serves REST v2 (Cloud: v3) below the context path: search, issue with its children, "
        "attachment, the worklog feeds, project, field and the other catalogues, myself and "
        "serverInfo, and boards "
        "below /rest/agile/1.0. Cloud has search/jql with page tokens, issue/bulkfetch, changelog, "
        "changelog/bulkfetch and search/approximate-count; the gateway "
        "/ex/jira/CLOUDID, /_edge/tenant_info, /authorize, /oauth/token and "
        "/oauth/token/accessible-resources stand at the root. Comments, fields and transitions can "
        "be written. Webhooks are registered at /rest/webhooks/1.0/webhook, by an app of Cloud's "
        "at "
        "webhook, or below.\n\n"
        "Below /_sim/ it is told what to do, with JSON bodies by POST: touch {\"key\"}, comment "
        "{\"key\",\"body\"}, move {\"key\",\"project\"}, edit-comment "
        "{\"key\",\"id\",\"body\",\"quiet\":false} (quiet: `updated` stays), delete-comment, "
        "worklog "
        "{\"key\",\"seconds\"}, edit-worklog {\"key\",\"id\",\"seconds\",\"body\"}, "
        "delete-worklog, set "
        "{\"key\",\"field\",\"value\"}, field {\"id\",\"name\",\"type\",\"items\",\"custom\"} "
        "(new, "
        "renamed or of another type; {\"id\",\"gone\":true}: listed no more), rename-project "
        "{\"project\",\"key\",\"forget\":false} (forget: the old key leads nowhere), bulk "
        "{\"project\",\"count\",\"at\":MS,\"spread_ms\":0} (touches so many), link "
        "{\"key\",\"to\"}, unlink {\"key\",\"to\",\"id\"}, delete {\"key\"}, "
        "create "
        "{\"project\",\"count\",\"at\":MS} (at that moment, as an import does), clock {\"now\":MS} "
        "or {\"advance\":MS}, every-request "
        "{\"touch\":KEY or null} (touches that issue before every search), latency {\"ms\"}, "
        "faults (the body is a fault script, empty for none), rate {\"rate\":\"70:5:1\" or null, "
        "\"silent\":false}, tune {NAME:N}, hide {\"key\" or \"keys\" or \"project\", "
        "\"from\":[ACCOUNT, "
        "\"anonymous\", \"all\"], \"on\":true}, archive (the same without from), account "
        "{\"name\", "
        "\"expires\":MS, \"captcha\":BOOL}, oauth {\"check\":TOKEN} or {\"plant\":TOKEN} or "
        "{\"revoke\":true}, page-tokens (all expire), hook "
        "{\"url\",\"events\":[NAME],\"jql\",\"secret\"}, {\"remove\":ID} or "
        "{\"forget\":true} (the deliveries so far), log (forgets the requests so far) and quit. "
        "GET dump gives every issue complete, as JSON Lines; GET log the requests so far, with "
        "\"tick\" and \"sent\" in ms of one clock and what went wrong; GET faults how often each "
        "rule fired; GET count the issues of each project; GET oauth how many tokens were issued, "
        "reused and refused; GET tune every number; GET hooks the webhooks, what waits and every "
        "delivery.",
    .example = "jirasim --generate HADOOP:2000 SPARK:500 --seed 7\n"
               "jirasim --data issues.jsonl.gz --with-changelogs 11 --zone America/New_York\n"
               "jirasim --flavour cloud --generate APP:500 --user me@example.org:token --tune "
               "rich_cap=20\n",
};

/* What must outlive main's own steps. */
typedef struct program {
    jd_arena   *arena;
    args        args;
    sim_conf    conf;
    sim_zones  *zones;
    sim_store  *store;
    sim_log    *log;
    jd_stop    *stop;
    sim_server  server;
    sim_faults *faults;
    sim_rate   *rate;
    jd_httpd   *httpd, *media;
} program;

static bool loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

static jd_code configure(program *p, jd_err *e)
{
    const args *o       = &p->args;
    jd_str      context = jd_str_of(o->context);
    jd_code     rc      = JD_OK;
    while (jd_str_ends(context, JD_STR("/")))
        context.n--;
    if (context.n > 0 && context.p[0] != '/')
        return jd_fail(e, JD_E_USAGE, "--context %s must begin with a slash", o->context);
    p->conf = (sim_conf){
        .context      = context,
        .base_url     = o->base_url
                            ? jd_str_of(o->base_url)
                            : jd_arena_fmt(p->arena, "https://jira.example.org%.*s", JD_FMT(context)),
        .page_cap     = o->page_cap,
        .require_auth = o->require_auth,
        .forbid       = o->forbid,
        .no_epoch     = o->no_epoch,
        .floor_epoch  = o->floor_epoch,
        .control      = loopback(o->address),
        .seed         = o->seed,
        .calm         = (unsigned)o->calm,
        .cloud        = jd_str_is(jd_str_of(o->flavour), "cloud"),
        .cloud_id     = jd_str_of(o->cloud_id),
    };
    jd_str app = jd_str_of(o->oauth);
    if (!p->conf.cloud && !jd_str_is(jd_str_of(o->flavour), "dc"))
        return jd_fail(e, JD_E_USAGE, "--flavour %s is neither dc nor cloud", o->flavour);
    p->conf.client_id     = jd_str_cut(app, 0, jd_str_find(app, ':'));
    p->conf.client_secret = jd_str_cut(app, p->conf.client_id.n + 1, SIZE_MAX);
    while (jd_str_ends(p->conf.base_url, JD_STR("/")))
        p->conf.base_url.n--;
    p->zones = sim_zones_new();
    rc       = sim_zones_get(p->zones, jd_str_of(o->zone), &p->conf.zone, e);
    if (rc == JD_OK)
        rc = sim_load_accounts(p->arena, p->zones, &o->user, &o->pat, o->accounts, &p->conf, e);
    return rc;
}

static size_t shown(uint64_t n)
{
    return n == 0 ? SIZE_MAX : (size_t)n;
}

static jd_code load(program *p, jd_err *e)
{
    enum { CLOUD_COMMENTS = 20, CLOUD_HISTORIES = 40 };
    const args    *o     = &p->args;
    const bool     cloud = p->conf.cloud;
    const sim_cuts cuts  = {shown(cloud && o->comments == 0 ? CLOUD_COMMENTS : o->comments),
                            shown(o->worklogs),
                            shown(cloud && o->histories == 0 ? CLOUD_HISTORIES : o->histories)};
    uint64_t       seed  = 0;
    jd_code        rc    = JD_OK;
    if (o->changelogs && !jd_str_u64(jd_str_of(o->changelogs), &seed))
        return jd_fail(e, JD_E_USAGE, "--with-changelogs %s is no number", o->changelogs);
    p->store = sim_store_new(&cuts, p->conf.base_url);
    if (cloud)
        sim_store_cloud(p->store);
    for (size_t i = 0; rc == JD_OK && i < o->generate.n; i++)
        rc = sim_load_generated(p->store, &p->conf, jd_str_of(o->generate.v[i]), o->nasty, e);
    for (size_t i = 0; rc == JD_OK && i < o->data.n; i++)
        rc = sim_load_file(p->store, o->data.v[i], o->changelogs ? &seed : NULL, e);
    if (rc == JD_OK && o->generate.n + o->data.n == 0)
        rc = jd_fail(e, JD_E_USAGE, "nothing to serve: say --generate HADOOP:2000 or --data FILE");
    sim_store_settle(p->store);
    return rc;
}

static jd_code clock_of(program *p, jd_err *e)
{
    int64_t ms = 0;
    jd_str  t  = jd_str_of(p->args.clock);
    if (jd_str_is(t, "real"))
        return JD_OK;
    if (!sim_date_read(t, &ms) && !jd_str_i64(t, &ms))
        return jd_fail(e, JD_E_USAGE,
                       "--clock %s is neither 'real' nor a date such as 2026-06-01T12:00:00Z",
                       p->args.clock);
    p->server.clock_stands = true;
    atomic_init(&p->server.clock_ms, ms);
    return JD_OK;
}

static jd_code rehearse(program *p, jd_err *e)
{
    jd_buf        script = JD_BUF_INIT(SIM_SCRIPT_BYTES);
    sim_rate_conf rate   = {0};
    jd_code       rc     = sim_rate_read(jd_str_of(p->args.rate), &rate, e);
    if (rc != JD_OK)
        return jd_wrap(e, "--rate %s", p->args.rate);
    rate.silent = p->args.rate_silent;
    p->faults   = sim_faults_new();
    p->rate     = sim_rate_new(p->conf.naccount + 1);
    sim_rate_set(p->rate, &rate);
    if (p->args.faults)
        rc = jd_file_read(p->args.faults, &script, e);
    if (rc == JD_OK && sim_faults_set(p->faults, jd_buf_view(&script), e) != JD_OK)
        rc = jd_wrap(e, "%s", p->args.faults);
    jd_buf_release(&script);
    p->server.faults = p->faults;
    p->server.rate   = p->rate;
    atomic_init(&p->server.latency_ms, (int64_t)p->args.latency);
    return rc;
}

static jd_code listen_at(program *p, uint64_t port,
                         void (*handle)(void *, const jd_httpd_request *, jd_arena *,
                                        jd_httpd_reply *),
                         jd_httpd **out, jd_err *e)
{
    enum { BODY_MAX = 16 << 20 };
    const jd_httpd_conf conf = {.address  = p->args.address,
                                .port     = (uint16_t)port,
                                .threads  = (unsigned)p->args.threads,
                                .max_body = BODY_MAX,
                                .handle   = handle,
                                .self     = &p->server};
    return jd_httpd_start(&conf, out, e);
}

static jd_str own_address(program *p, const jd_httpd *h)
{
    return jd_arena_fmt(p->arena, "http://%s:%u", p->args.address, (unsigned)jd_httpd_port(h));
}

/* Every answer is 503 until the issues are there. */
static jd_code open_doors(program *p, jd_err *e)
{
    jd_code rc = listen_at(p, p->args.port, sim_serve, &p->httpd, e);
    if (rc == JD_OK && p->conf.cloud)
        rc = listen_at(p, p->args.media_port, sim_serve_media, &p->media, e);
    if (rc == JD_OK && p->media)
        p->conf.media_url = own_address(p, p->media);
    if (rc == JD_OK && jd_str_is(p->conf.base_url, "self"))
        p->conf.base_url = jd_arena_fmt(p->arena, "%.*s%.*s", JD_FMT(own_address(p, p->httpd)),
                                        JD_FMT(p->conf.context));
    return rc;
}

static jd_code furnish(program *p, jd_err *e)
{
    jd_code rc = JD_OK;
    sim_server_furnish(&p->server);
    for (size_t i = 0; rc == JD_OK && i < p->args.tune.n; i++)
        rc = sim_tune_read(&p->server.tuning, jd_str_of(p->args.tune.v[i]), e);
    sim_server_tuned(&p->server);
    if (p->args.oauth_refresh)
        sim_oauth_plant(p->server.oauth, jd_str_of(p->args.oauth_refresh), JD_NOSTR,
                        sim_now(&p->server));
    atomic_store(&p->server.ready, true);
    return rc;
}

static jd_code start(program *p, jd_err *e)
{
    enum { FIRST_ID = 90000000 };
    p->server.conf  = &p->conf;
    p->server.store = p->store;
    p->server.stop  = p->stop;
    atomic_init(&p->server.next_id, FIRST_ID);
    jd_code rc = clock_of(p, e);
    if (rc == JD_OK)
        rc = rehearse(p, e);
    if (rc == JD_OK)
        rc = sim_log_open(p->args.request_log, &p->log, e);
    p->server.log = p->log;
    return rc == JD_OK ? furnish(p, e) : rc;
}

static jd_code announce(const program *p, jd_err *e)
{
    const sim_project **all = NULL;
    jd_code             rc  = JD_OK;
    sim_store_read_begin(p->store);
    size_t projects = sim_store_projects(p->store, &all);
    sim_store_read_end(p->store);
    free(all);
    printf("jirasim: http://%s:%u%.*s  (%zu issues in %zu projects)\n", p->args.address,
           (unsigned)jd_httpd_port(p->httpd), JD_FMT(p->conf.context), sim_store_count(p->store),
           projects);
    if (fflush(stdout) != 0)
        rc = jd_fail(e, JD_E_IO, "cannot write to standard output");
    if (rc == JD_OK && p->args.port_file) {
        char text[16];
        snprintf(text, sizeof text, "%u\n", (unsigned)jd_httpd_port(p->httpd));
        rc = jd_file_replace(p->args.port_file, jd_str_of(text), e);
    }
    return rc;
}

static jd_code run(program *p, jd_err *e)
{
    jd_code rc = configure(p, e);
    if (rc == JD_OK && !p->args.dump)
        rc = open_doors(p, e);
    if (rc == JD_OK)
        rc = load(p, e);
    if (rc != JD_OK)
        return rc;
    if (p->args.dump)
        return sim_dump_file(p->store, p->conf.zone, p->args.dump, e);
    rc = start(p, e);
    if (rc == JD_OK)
        rc = announce(p, e);
    while (rc == JD_OK && jd_stop_sleep(p->stop, INT64_C(3600000)))
        ;
    return rc;
}

static int show_help(void)
{
    jd_buf out = JD_BUF_INIT(1 << 20);
    jd_opt_help(&out, "", &CMD, 100);
    /* "Usage: PROGRAM COMMAND" is made for programs that have commands. */
    printf("Usage:%.*s", JD_FMT(jd_str_cut(jd_buf_view(&out), strlen("Usage: "), SIZE_MAX)));
    jd_buf_reset(&out);
    sim_script_help(&out);
    printf("\n%.*s", JD_FMT(jd_buf_view(&out)));
    jd_buf_reset(&out);
    sim_tune_help(&out);
    printf("\n%.*s", JD_FMT(jd_buf_view(&out)));
    jd_buf_release(&out);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const none[] = {NULL};
    const jd_conf_in         in     = {.environ = none, .yaml_path = "/dev/null"};
    program                  p      = {.arena = jd_arena_new(0), .stop = jd_stop_install()};
    jd_err                   e = JD_ERR_NONE, unsaid = JD_ERR_NONE;
    int                      status = 0;
    jd_code rc = jd_opt_parse(&CMD, argc - 1, argv + 1, &in, p.arena, &p.args, NULL, NULL, &e);
    if (rc == JD_OK && p.args.help)
        status = show_help();
    else if (rc == JD_OK && p.args.version)
        printf("jirasim %s\n", JD_VERSION);
    else if (rc == JD_OK)
        rc = run(&p, &e);
    jd_httpd_stop(p.httpd);
    jd_httpd_stop(p.media);
    sim_server_strip(&p.server);
    jd_code logged = sim_log_close(p.log, rc == JD_OK ? &e : &unsaid);
    if (rc == JD_OK)
        rc = logged;
    if (rc != JD_OK) {
        fprintf(stderr, "jirasim: %s\n", e.msg);
        status = jd_code_exit(rc);
    }
    sim_faults_free(p.faults);
    sim_rate_free(p.rate);
    sim_store_free(p.store);
    sim_zones_free(p.zones);
    jd_stop_free(p.stop);
    jd_arena_free(p.arena);
    return status;
}
