/* words.h: what made-up issues are made of. Sentences hold slots: $C class, $M method, $E
 * exception, $K configuration key, $N number, $V version, $H host, $U mention of a user, $I key of
 * another issue, $S component, $P the project in lower case. */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include "base/str.h"

typedef struct sim_words {
    const jd_str *v;
    size_t        n;
} sim_words;

extern const sim_words sim_words_class, sim_words_method, sim_words_exception, sim_words_config,
    sim_words_host, sim_words_component, sim_words_version, sim_words_label, sim_words_package,
    sim_words_summary, sim_words_problem, sim_words_talk, sim_words_foreign, sim_words_answer,
    sim_words_plus_one, sim_words_commit, sim_words_log, sim_words_code, sim_words_step,
    sim_words_file;

typedef struct sim_person {
    jd_str login, key, name, zone;
    bool   inactive, bot;
} sim_person;

enum { SIM_PEOPLE = 40, SIM_BOTS = 4 }; /* the bots come after the people */
enum { SIM_BOT_QA = SIM_PEOPLE, SIM_BOT_HUDSON, SIM_BOT_GITHUB, SIM_BOT_MIRROR };
extern const sim_person sim_people[SIM_PEOPLE + SIM_BOTS];

/* The catalogues. Ids as on many Data Center sites. */
typedef struct sim_entry_status {
    jd_str id, name, description, icon;
    int    category; /* 2 new, 4 indeterminate, 3 done */
} sim_entry_status;
typedef struct sim_entry_type {
    jd_str id, name, description, avatar;
    bool   subtask;
} sim_entry_type;
typedef struct sim_entry_plain {
    jd_str id, name, description;
} sim_entry_plain;

enum sim_status_at {
    SIM_OPEN,
    SIM_PROGRESS,
    SIM_REOPENED,
    SIM_RESOLVED,
    SIM_CLOSED,
    SIM_PATCH,
    SIM_STATUSES_N
};
enum sim_type_at {
    SIM_BUG,
    SIM_FEATURE,
    SIM_TASK,
    SIM_IMPROVEMENT,
    SIM_TEST,
    SIM_WISH,
    SIM_SUBTASK,
    SIM_TYPES_N
};
enum sim_resolution_at {
    SIM_FIXED,
    SIM_WONT_FIX,
    SIM_DUPLICATE,
    SIM_INVALID,
    SIM_CANNOT,
    SIM_NOT_A_PROBLEM,
    SIM_IMPLEMENTED,
    SIM_RESOLUTIONS_N
};
enum { SIM_PRIORITIES_N = 5, SIM_LINKS_N = 3 };

extern const sim_entry_status sim_entry_statuses[SIM_STATUSES_N];
extern const sim_entry_type   sim_entry_types[SIM_TYPES_N];
extern const sim_entry_plain  sim_entry_priorities[SIM_PRIORITIES_N];
extern const sim_entry_plain  sim_entry_resolutions[SIM_RESOLUTIONS_N];

typedef struct sim_link_type {
    jd_str id, name, inward, outward;
} sim_link_type;
extern const sim_link_type sim_link_types[SIM_LINKS_N]; /* duplicates are the last */

/* Custom fields in the order in which issues show them. */
typedef enum sim_custom_kind {
    SIM_CF_TEXT,        /* mostly null, now and then a line */
    SIM_CF_AREA,        /* the same with wiki text */
    SIM_CF_ATTACHMENTS, /* "2.0" */
    SIM_CF_RANK,
    SIM_CF_GLOBAL_RANK,
    SIM_CF_FLAG,
    SIM_CF_SELECT,
    SIM_CF_SELECTS,
    SIM_CF_USER,
    SIM_CF_USERS,
    SIM_CF_SPRINT,
    SIM_CF_EPIC,
    SIM_CF_SUMMARY,
    SIM_CF_DATE,
    SIM_CF_DATETIME,
    SIM_CF_FLOAT,
    SIM_CF_LABELS,
    SIM_CF_VERSIONS
} sim_custom_kind;

typedef struct sim_custom {
    uint32_t        id; /* of customfield_ */
    sim_custom_kind kind;
    unsigned        permille; /* how often it is set */
    const char     *name;
} sim_custom;
enum { SIM_CUSTOMS_N = 44 };
extern const sim_custom sim_customs[SIM_CUSTOMS_N];

#endif
