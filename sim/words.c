#include "sim/words.h"

#define S(literal) JD_STR_INIT(literal)
#define WORDS(name, ...)                                  \
    static const jd_str name##_v[]       = {__VA_ARGS__}; \
    const sim_words     sim_words_##name = {name##_v, sizeof name##_v / sizeof(jd_str)}

WORDS(class, S("BlockManager"), S("LeaseRenewer"), S("ShuffleReader"), S("TaskScheduler"),
      S("ReplicaFetcher"), S("LogCleaner"), S("SocketServer"), S("TokenStore"),
      S("NodeHealthScript"), S("QuotaTracker"), S("SegmentWriter"), S("RecordAccumulator"),
      S("FetchSession"), S("CheckpointStore"), S("DirectoryScanner"), S("EditLogTailer"),
      S("FairQueue"), S("ContainerLauncher"), S("PartitionAssignor"), S("MetricsSink"),
      S("RpcServer"), S("SaslNegotiator"), S("ConfigProvider"), S("ExecutorBackend"),
      S("PlanOptimizer"), S("CatalogLoader"), S("SnapshotDiff"), S("DecommissionMonitor"),
      S("HeartbeatSender"), S("StateRestorer"), S("GroupCoordinator"), S("OffsetIndex"),
      S("TimeIndex"), S("MemoryPool"), S("CredentialCache"), S("RetryPolicy"));

WORDS(method, S("renew"), S("flush"), S("readNext"), S("submitTasks"), S("processPartition"),
      S("maybeClean"), S("acceptNew"), S("authenticate"), S("reportHealth"), S("consume"),
      S("rollOver"), S("drain"), S("handleResponse"), S("restoreFrom"), S("scan"), S("catchUp"),
      S("offer"), S("launch"), S("assign"), S("putMetrics"), S("doRead"), S("evaluate"),
      S("resolve"), S("heartbeat"), S("optimize"), S("load"), S("diff"), S("tick"), S("close"),
      S("await"));

WORDS(exception, S("NullPointerException"), S("IllegalStateException"), S("IOException"),
      S("TimeoutException"), S("ConcurrentModificationException"), S("OutOfMemoryError"),
      S("ClassCastException"), S("AccessControlException"), S("EOFException"),
      S("ArrayIndexOutOfBoundsException"), S("CorruptRecordException"), S("SocketTimeoutException"),
      S("NoSuchElementException"), S("UnsupportedOperationException"), S("FileNotFoundException"),
      S("InterruptedException"));

WORDS(config, S("lease.renew.interval"), S("socket.receive.buffer.bytes"), S("max.poll.records"),
      S("shuffle.io.retry.wait"), S("log.segment.bytes"), S("rpc.client.connect.max.retries"),
      S("memory.fraction"), S("replica.fetch.max.bytes"), S("authentication.type"),
      S("scheduler.pool.size"), S("checkpoint.dir"), S("cache.expiry.ms"), S("block.size"),
      S("heartbeat.interval"), S("compression.codec"), S("quota.window.num"));

WORDS(host, S("node-17.example.org"), S("broker3.example.net"), S("10.20.4.118"),
      S("gateway.example.com"), S("worker-0042"), S("192.0.2.44"), S("rm1.example.org"),
      S("[2001:db8::17]"));

WORDS(component, S("fs"), S("ipc"), S("security"), S("core"), S("clients"), S("streams"),
      S("build"), S("documentation"), S("metrics"), S("sql"), S("scheduler"), S("tools"));

WORDS(version, S("2.7.3"), S("2.8.0"), S("2.9.1"), S("3.0.0-alpha1"), S("3.0.0"), S("3.1.2"),
      S("3.2.0"), S("3.2.1"), S("3.3.0"), S("3.3.6"), S("3.4.0"), S("3.5.0"));

WORDS(label, S("pull-request-available"), S("newbie"), S("performance"), S("flaky-test"),
      S("regression"), S("documentation"), S("security"), S("windows"), S("needs-design"),
      S("größe"), S("bulk-closed"), S("arm64"));

WORDS(package, S("server"), S("client.internals"), S("io.retry"), S("util.concurrent"),
      S("security.token"), S("scheduler.cluster"), S("storage.log"), S("sql.execution"));

WORDS(summary, S("$E in $C.$M when the queue is empty"), S("$C leaks file descriptors after $E"),
      S("$C should respect $K"), S("Document $K for $V"), S("Flaky test: Test$C.$M"),
      S("Allow $K to be changed without a restart"), S("$C.$M holds the lock during I/O"),
      S("Upgrade the client library used by $C"), S("$C reports wrong metrics after failover"),
      S("Make $C.$M asynchronous"), S("Remove deprecated methods from $C"),
      S("$S: $C does not retry on $E"), S("Improve error message of $C on a bad \"$K\""),
      S("Race between $C.$M and shutdown"), S("$C ignores the time zone of its input"),
      S("Backport the fix of $I to $V"), S("Wrong ordering of records in $C with $N partitions"),
      S("Ungültige Größe in $C führt zu $E"), S("$C 在 $N 个分区时抛出 $E"),
      S("$C spins at 100% CPU when $H is down"), S("Add a benchmark for $C.$M"),
      S("$C: \\u0000 in a key breaks $M"), S("[Umbrella] Rework $S for $V"),
      S("Javadoc of $C.$M is out of date"), S("$C.$M returns <null> & logs nothing"),
      S("Reduce allocation in $C.$M"), S("ClassNotFoundException: $C missing from the $S jar"),
      S("Support IPv6 addresses in $C"));

WORDS(problem, S("After an upgrade from $V we see $E about $N times an hour in {{$C.$M}}."),
      S("When {{$K}} is set to *$N*, {{$C}} never comes back from {{$M}}."),
      S("The thread that calls {{$C.$M}} keeps the lock while it waits for $H, so every other "
        "caller is blocked for up to $N ms."),
      S("{{$C}} does not close the stream if {{$M}} throws, and after $N such failures the process "
        "runs out of file descriptors."),
      S("This happens on a cluster of $N nodes only; a single node works as it should."),
      S("We could reproduce it with $V and with trunk, on Linux and on macOS."),
      S("I would expect {{$C}} to fail fast with a message that names {{$K}}, not to hang."),
      S("The default of {{$K}} ($N) is too low for machines with many disks, see also $I."),
      S("It looks as if the fix for $I introduced this: before it {{$M}} was called under the "
        "write lock."),
      S("In {{$C}}, the result of {{$M}} is compared with _==_ instead of _equals_."),
      S("Today {{$C}} copies the whole buffer for every call of {{$M}}; with $N records a second "
        "that is most of the CPU time."),
      S("The log of $H says that {{$M}} was retried $N times within one second, without any "
        "back-off."),
      S("If the leader changes while {{$M}} runs, the answer is dropped and the client waits for "
        "its time-out ($N ms)."),
      S("Users keep asking how {{$K}} and {{$C}} belong together, the documentation of $V does not "
        "say."),
      S("The counter is an int and wraps after 2147483647 calls; -after that- *from then on* the "
        "metric is negative."),
      S("A heap dump shows $N instances of {{$C}}, all of them reachable from a static map."),
      S("See [the discussion on the list|https://lists.example.org/thread/$N] and the comment of "
        "$U in $I."),
      S("Only paths with a space or a {color:red}%{color} in them are affected."),
      S("The test fails in about one of $N runs: it assumes that {{$M}} returns before the "
        "heartbeat."),
      S("Windows paths such as C:\\temp\\$P\\data are split at the wrong place."),
      S("{quote}The value of $K must be positive{quote} is all that one gets, without the file or "
        "the line."),
      S("Setting {{$K=0}} should turn this off, but {{$C}} treats zero as unlimited."));

WORDS(
    talk,
    S("Thanks for the report. Can you attach the full log of $H, from the start to the first $E?"),
    S("I had a look at {{$C}}: the state is changed before {{$M}} is sure to succeed."),
    S("$U could you have a look? You know {{$C}} better than I do."),
    S("The patch no longer applies to trunk after $I, please rebase."),
    S("Do we need a new configuration key for this? I would rather reuse {{$K}}."),
    S("I ran the tests of $S $N times with the patch and saw no failure."),
    S("On our side it went away after we raised {{$K}} to $N, but that only hides the problem."),
    S("A unit test for the case in which {{$M}} is interrupted would be good."),
    S("That is what $I is about, let us move the discussion there."),
    S("Nit: the name {{$M}} does not say that it blocks."),
    S("We see the same on $V with $N clients, every few days."),
    S("I am not sure that this is safe: {{$C.$M}} may be called from two threads."),
    S("Attached a new version that addresses the comments of $U."),
    S("Could this go into $V as well? It is a small change."),
    S("The failure of Test$C is not related to this change, it is tracked in $I."),
    S("Let me know if you need more details, I can reproduce it at will."),
    S("Moved to the next release, there is nobody working on it at the moment."),
    S("bq. the counter wraps\r\n\r\nOnly if nobody resets it, and {{$C}} does that every $N s."));

WORDS(foreign,
      S("Grüße aus München: tritt auch hier auf, sobald die Größe von {{$K}} über $N liegt."),
      S("Déjà vu… c'était pareil avec la version $V – voilà le résultat de {{$M}}."),
      S("这个问题在 $V 中仍然存在，{{$C}} 抛出 $E。"),
      S("同じ現象を確認しました。{{$M}} の呼び出しで止まります。"),
      S("Works for me now \xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD thanks! \xF0\x9F\x8E\x89"),
      S("Проверил на версии $V: {{$C}} больше не падает."),
      S("Zażółć gęślą jaźń – names like this one break {{$M}}; so does cafe\xCC\x81 (with a "
        "combining accent)."),
      S("A non-breaking\xC2\xA0space and a zero\xE2\x80\x8Bwidth one, a line\xE2\x80\xA8separator: "
        "{{$C}} keeps none of them."),
      S("שלום, {{$M}} fails for right-to-left names too."),
      S("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB on it, give me until Monday."));

WORDS(answer,
      S("Root cause: {{$C.$M}} released the lease before the last write was acknowledged, so a "
        "reader on $H saw a length of $N and failed with $E. Fixed by waiting for the "
        "acknowledgement and by a test that delays it."),
      S("The problem was the cache in {{$C}}: it kept the old address of $H for {{$K}} ($N s). It "
        "is now dropped on the first $E, and the next {{$M}} resolves the name again."),
      S("Turns out that {{$M}} is called once per partition, not once per request. With $N "
        "partitions the buffer is overwritten while {{$C}} still reads it. The fix gives every "
        "call a buffer of its own."),
      S("Found it. {{$K}} is read in the constructor of {{$C}}, before the site file is loaded, so "
        "the default always won. Moved to {{$M}}; verified with the value $N on $V."),
      S("This was caused by $I: since then {{$C}} compares the identity of the two keys, not their "
        "value. Fixed in $V by using equals, which also makes {{$M}} about $N % faster."),
      S("The $E comes from a missing null check after the map was made concurrent: {{$M}} may now "
        "see an entry that {{$C}} is just removing. Fixed by taking the value once and testing "
        "that."),
      S("Workaround until $V is out: set {{$K}} to $N and restart {{$C}}. The real fix is to stop "
        "holding the write lock while {{$M}} talks to $H, which is what was committed."),
      S("The race is between shutdown and {{$M}}: the executor was stopped first and the task that "
        "would have closed {{$C}} never ran. The order is turned round now, and close is "
        "idempotent ($N iterations of the test pass)."),
      S("Solution: {{$C}} now retries with back-off on $E ($N ms at first, doubled up to {{$K}}), "
        "where it used to give up at once. The message names the host as well."),
      S("Fixed by counting in 64 bits. The int in {{$C}} wrapped after some weeks, {{$M}} then saw "
        "a negative size and threw $E. The metric keeps its name."),
      S("The reason is a wrong assumption in {{$C}}: offsets are not dense after compaction, so "
        "{{$M}} waited for $N records that do not exist. It now asks for the end offset."),
      S("We tracked it down to the time zone: {{$M}} used the default one of the JVM, $H runs in "
        "another. {{$C}} uses UTC throughout now, and {{$K}} accepts an offset."));

WORDS(plus_one, S("+1"), S("+1 (non-binding)"), S("LGTM, thanks!"), S("+1 pending Jenkins."),
      S("Thanks $U!"), S("Looks good to me."), S("+1 for the last patch, will commit shortly."),
      S("Any update on this?"), S("ping $U"));

WORDS(commit, S("Committed to trunk. Thanks $U for the contribution and $U for the review!"),
      S("Pushed to trunk and branch-$V. Thank you, $U."), S("Closing, this was released with $V."),
      S("Resolving as there was no answer for $N days; please reopen if you still see it."));

WORDS(log, S("INFO  [main] $C: starting $M with $K=$N"),
      S("WARN  [ipc-handler-$N] $C: slow call to $H took $N ms"),
      S("ERROR [worker-$N] $C: $M failed, will retry ($N left)"),
      S("DEBUG [fetcher-0-$N] $C: position=$N, highWatermark=$N"),
      S("INFO  [scheduler] $C: assigned $N tasks to $H"),
      S("\x1B[33mWARN\x1B[0m  $C: deprecated key $K is still used"),
      S("FATAL [main] $C: $E: no space left on device\t($N bytes wanted)"));

WORDS(code, S("  private final $C store = new $C(conf);"), S("  conf.setInt(\"$K\", $N);"),
      S("  if (result == null && !closed) {"),
      S("    throw new $E(\"no answer from $H after $N ms\");"), S("  }"),
      S("  synchronized (this) { pending.$M(id, $N); }"), S("  for (int i = 0; i < $N; i++) {"),
      S("    LOG.debug(\"{} of {}\", i, \"$C\\n\");"), S("  try ($C c = open(\"$H\")) { c.$M(); }"),
      S("  // see $I, $M must not block"),
      S("  return map.computeIfAbsent(key, k -> new $C(k, $N));"));

WORDS(step, S("start a cluster of $N nodes with {{$K=$N}}"), S("run {{bin/$P $M --verbose $N}}"),
      S("kill {{$C}} on $H"), S("wait for $N seconds"), S("look at the metrics of $S"),
      S("call {{$C.$M}} from two threads"), S("restart $H and run the client again"));

WORDS(file, S("patch"), S("001.patch"), S("branch-2.patch"), S("log"), S("png"), S("tar.gz"),
      S("Heap dump (größe).txt"));

#define P(login, key, name, zone, inactive, bot)          \
    {                                                     \
        S(login), S(key), S(name), S(zone), inactive, bot \
    }
const sim_person sim_people[SIM_PEOPLE + SIM_BOTS] = {
    P("aarden", "aarden", "Anna Arden", "Europe/Amsterdam", false, false),
    P("bmeyer", "JIRAUSER280101", "Björn Meyer", "Europe/Berlin", false, false),
    P("cfournier", "cfournier", "Chloé Fournier", "Europe/Paris", false, false),
    P("dkowalski", "dkowalski", "Dariusz Kowalski", "Europe/Warsaw", true, false),
    P("eoconnor", "eoconnor", "Eileen O'Connor", "Europe/Dublin", false, false),
    P("fliu", "JIRAUSER284417", "刘芳", "Asia/Shanghai", false, false),
    P("gsato", "gsato", "佐藤 元", "Asia/Tokyo", false, false),
    P("hnguyen", "hnguyen", "Nguyễn Thị Hồng", "Asia/Bangkok", false, false),
    P("ivanpetrov", "ivanpetrov", "Иван Петров", "Europe/Moscow", true, false),
    P("jgarcia", "jgarcia", "Jorge García", "America/Mexico_City", false, false),
    P("kolsen", "JIRAUSER290003", "Kåre Ølsen", "Europe/Oslo", false, false),
    P("lrossi", "lrossi", "Lucia Rossi", "Europe/Rome", false, false),
    P("mpatel", "mpatel", "Meera Patel", "Asia/Kolkata", false, false),
    P("nadams", "nadams", "Neil Adams", "America/Los_Angeles", false, false),
    P("oyilmaz", "oyilmaz", "Ömer Yılmaz", "Europe/Istanbul", false, false),
    P("psilva", "psilva", "Paula Silva", "America/Sao_Paulo", true, false),
    P("qzhang", "JIRAUSER301777", "Qi Zhang", "Asia/Shanghai", false, false),
    P("rkim", "rkim", "김 린", "Asia/Seoul", false, false),
    P("sbrown", "sbrown", "Sam Brown", "America/New_York", false, false),
    P("tdubois", "tdubois", "Thierry Dubois", "Europe/Brussels", false, false),
    P("unowak", "unowak", "Urszula Nowak", "Europe/Warsaw", false, false),
    P("vhorak", "vhorak", "Václav Horák", "Europe/Prague", false, false),
    P("wjansen", "JIRAUSER280222", "Willem Jansen", "Europe/Amsterdam", false, false),
    P("xchen", "xchen", "Xiao Chen", "Asia/Singapore", true, false),
    P("ytamir", "ytamir", "יעל תמיר", "Asia/Jerusalem", false, false),
    P("zkhan", "zkhan", "Zara Khan", "Asia/Karachi", false, false),
    P("alex.b", "JIRAUSER310415", "Alex Brandt", "Australia/Sydney", false, false),
    P("big_data_guy", "big_data_guy", "Tom \"Big Data\" Hill", "America/Chicago", false, false),
    P("c.miller@example.org", "c.miller@example.org", "C. Miller", "Etc/UTC", false, false),
    P("dhar", "dhar", "Dev Har", "Asia/Kolkata", false, false),
    P("eklein", "eklein", "Eva Klein", "Europe/Vienna", false, false),
    P("fsorensen", "fsorensen", "Frida Sørensen", "Europe/Copenhagen", false, false),
    P("gmarks", "gmarks", "Greg Marks", "America/Denver", true, false),
    P("hfischer", "hfischer", "Heike Fischer", "Europe/Zurich", false, false),
    P("ilopez", "ilopez", "Inés López", "Europe/Madrid", false, false),
    P("jweiss", "jweiss", "Jonas Weiß", "Europe/Berlin", false, false),
    P("kvirtanen", "kvirtanen", "Kaisa Virtanen", "Europe/Helsinki", false, false),
    P("lmoore", "JIRAUSER295512", "Lee Moore", "Pacific/Auckland", false, false),
    P("mali", "mali", "Mona Ali", "Africa/Cairo", false, false),
    P("nbaker", "nbaker", "Nick Baker", "Europe/London", false, false),
    P("hadoopqa", "hadoopqa", "Hadoop QA", "Etc/UTC", false, true),
    P("hudson", "hudson", "Hudson", "Etc/UTC", false, true),
    P("githubbot", "githubbot", "ASF GitHub Bot", "Etc/UTC", false, true),
    P("jira-bot", "jira-bot", "ASF subversion and git services", "Etc/UTC", false, true),
};
#undef P

const sim_entry_status sim_entry_statuses[SIM_STATUSES_N] = {
    [SIM_OPEN]     = {S("1"), S("Open"),
                      S("The issue is open and ready for the assignee to start work on it."), S("open"),
                      2},
    [SIM_PROGRESS] = {S("3"), S("In Progress"),
                      S("This issue is being actively worked on at the moment by the assignee."),
                      S("inprogress"), 4},
    [SIM_REOPENED] = {S("4"), S("Reopened"),
                      S("This issue was once resolved, but the resolution was deemed incorrect."),
                      S("reopened"), 2},
    [SIM_RESOLVED] =
        {S("5"), S("Resolved"),
         S("A resolution has been taken, and it is awaiting verification by reporter."),
         S("resolved"), 3},
    [SIM_CLOSED] = {S("6"), S("Closed"),
                    S("The issue is considered finished, the resolution is correct."), S("closed"),
                    3},
    [SIM_PATCH] = {S("10002"), S("Patch Available"), S("A patch for this issue has been uploaded."),
                   S("document"), 4},
};

const sim_entry_type sim_entry_types[SIM_TYPES_N] = {
    [SIM_BUG]         = {S("1"), S("Bug"),
                         S("A problem which impairs or prevents the functions of the product."), S("21133"),
                         false},
    [SIM_FEATURE]     = {S("2"), S("New Feature"),
                         S("A new feature of the product, which has yet to be developed."), S("21141"),
                         false},
    [SIM_TASK]        = {S("3"), S("Task"), S("A task that needs to be done."), S("21148"), false},
    [SIM_IMPROVEMENT] = {S("4"), S("Improvement"),
                         S("An improvement or enhancement to an existing feature or task."),
                         S("21140"), false},
    [SIM_TEST]    = {S("6"), S("Test"), S("A new unit, integration or system test."), S("21130"),
                     false},
    [SIM_WISH]    = {S("5"), S("Wish"), S("General wishlist item."), S("21139"), false},
    [SIM_SUBTASK] = {S("7"), S("Sub-task"), S("The sub-task of the issue"), S("21146"), true},
};

const sim_entry_plain sim_entry_priorities[SIM_PRIORITIES_N] = {
    {S("1"), S("Blocker"), S("Blocks development and/or testing work, production could not run")},
    {S("2"), S("Critical"), S("Crashes, loss of data, severe memory leak.")},
    {S("3"), S("Major"), S("Major loss of function.")},
    {S("4"), S("Minor"),
     S("Minor loss of function, or other problem where easy workaround is present.")},
    {S("5"), S("Trivial"), S("Cosmetic problem like misspelt words or misaligned text.")},
};

const sim_entry_plain sim_entry_resolutions[SIM_RESOLUTIONS_N] = {
    [SIM_FIXED]     = {S("1"), S("Fixed"),
                       S("A fix for this issue is checked into the tree and tested.")},
    [SIM_WONT_FIX]  = {S("2"), S("Won't Fix"),
                       S("The problem described is an issue which will never be fixed.")},
    [SIM_DUPLICATE] = {S("3"), S("Duplicate"),
                       S("The problem is a duplicate of an existing issue.")},
    [SIM_INVALID]   = {S("6"), S("Invalid"), S("The problem isn't valid and it can't be fixed.")},
    [SIM_CANNOT]    = {S("5"), S("Cannot Reproduce"),
                       S("All attempts at reproducing this issue failed, or not enough information "
                            "was available.")},
    [SIM_NOT_A_PROBLEM] = {S("8"), S("Not A Problem"),
                           S("The described issue is not actually a problem - it is as designed.")},
    [SIM_IMPLEMENTED]   = {S("10"), S("Implemented"),
                           S("The issue is implemented, with code, website update or blog post.")},
};

const sim_link_type sim_link_types[SIM_LINKS_N] = {
    {S("10032"), S("Blocker"), S("is blocked by"), S("blocks")},
    {S("10030"), S("Reference"), S("is related to"), S("relates to")},
    {S("12310000"), S("Duplicate"), S("is duplicated by"), S("duplicates")},
};

const sim_custom sim_customs[SIM_CUSTOMS_N] = {
    {12312322, SIM_CF_TEXT, 3, "Bugzilla Id"},
    {12312323, SIM_CF_TEXT, 2, "Original Reporter"},
    {12310420, SIM_CF_GLOBAL_RANK, 1000, "Global Rank"},
    {12312320, SIM_CF_SELECT, 4, "Severity"},
    {12312321, SIM_CF_USER, 3, "Shepherd"},
    {12312328, SIM_CF_DATE, 2, "Due by"},
    {12312329, SIM_CF_TEXT, 1, "External issue URL"},
    {12312326, SIM_CF_FLOAT, 2, "Estimated Complexity"},
    {12310300, SIM_CF_SELECTS, 2, "Issue & fix info"},
    {12312327, SIM_CF_TEXT, 0, "Skill Level"},
    {12312720, SIM_CF_AREA, 6, "Docs Text"},
    {12312325, SIM_CF_DATE, 1, "Start Date"},
    {12312333, SIM_CF_TEXT, 0, "Review Date"},
    {12313422, SIM_CF_FLAG, 1000, "Enable Automatic Patch Review"},
    {12310310, SIM_CF_ATTACHMENTS, 1000, "Attachment count"},
    {12312331, SIM_CF_TEXT, 0, "Last public comment date"},
    {12311120, SIM_CF_EPIC, 60, "Epic Link"},
    {12313826, SIM_CF_SELECT, 3, "Level of effort"},
    {12312339, SIM_CF_TEXT, 0, "Evidence Of Use"},
    {12313825, SIM_CF_SELECT, 12, "Bug Category"},
    {12312337, SIM_CF_USERS, 5, "Reviewers"},
    {12313823, SIM_CF_SELECTS, 4, "Platform"},
    {12310921, SIM_CF_SPRINT, 25, "Sprint"},
    {12310920, SIM_CF_GLOBAL_RANK, 1000, "Rank (Obsolete)"},
    {12310220, SIM_CF_DATETIME, 450, "Date of First Response"},
    {12313520, SIM_CF_TEXT, 0, "Epic Status"},
    {12310222, SIM_CF_TEXT, 30, "Time In Status"},
    {12313924, SIM_CF_LABELS, 5, "Tags"},
    {12313920, SIM_CF_SELECT, 2, "Change Category"},
    {12314020, SIM_CF_SUMMARY, 500, "Development"},
    {12314141, SIM_CF_USER, 4, "Tester"},
    {12314140, SIM_CF_USERS, 2, "Documentation Reviewers"},
    {12312520, SIM_CF_TEXT, 0, "Workaround"},
    {12312521, SIM_CF_TEXT, 20, "Last Touched"},
    {12314422, SIM_CF_FLOAT, 15, "Story Points"},
    {12314146, SIM_CF_TEXT, 0, "Test and Documentation Plan"},
    {12312923, SIM_CF_TEXT, 0, "Impacts"},
    {12310320, SIM_CF_VERSIONS, 120, "Target Version/s"},
    {12310230, SIM_CF_SELECT, 25, "Hadoop Flags"},
    {12312340, SIM_CF_TEXT, 0, "Epic Color"},
    {12311020, SIM_CF_TEXT, 0, "Flags"},
    {12310192, SIM_CF_AREA, 10, "Release Note"},
    {12311820, SIM_CF_RANK, 1000, "Rank"},
    {12314135, SIM_CF_TEXT, 0, "Source Control Link"},
};
