/* etlplan.h: from what a configuration says (etlconf.h) to what is asked of a site: its options
 * with credentials and folders, its scopes with fields by their ids, its columns. */
#ifndef JD_CLI_ETLPLAN_H
#define JD_CLI_ETLPLAN_H

#include "cli/etlconf.h"
#include "cli/scrape.h"
#include "sink/wide.h"

/* The configuration of --config; JD_E_CONFIG where there is none, unless `may_lack` (no sites). */
jd_code jd_etl_read(const jd_cli *c, bool may_lack, jd_etl_conf *out, jd_err *e) JD_NODISCARD;

/* `like`, which the command line filled, as it is for the site: address, credentials, folders,
 * files to write. JD_E_CONFIG: a variable is not set; JD_E_USAGE: an option that goes with one site
 * only. */
jd_code jd_etl_site_args(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                         const jd_scrape_args *like, jd_scrape_args *out, jd_err *e) JD_NODISCARD;

typedef struct jd_etl_plan {
    jd_wanted      *want;
    unsigned       *fields_line; /* of each: where the innermost list of its fields stands */
    size_t          n;
    jd_wide_column *column;
    size_t          ncolumn;
} jd_etl_plan;

/* `args` as jd_etl_site_args gives them. Asks the site for its fields where the configuration names
 * some. JD_E_CONFIG: a field that is not known. */
jd_code jd_etl_plan_site(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                         const jd_scrape_args *args, jd_etl_plan *out, jd_err *e) JD_NODISCARD;
/* Warns of scopes whose lists leave out what many views are made of: at a backfill, and where
 * nothing was mirrored yet. */
void jd_etl_warn_fields(const jd_cli *c, const jd_etl_conf *conf, const jd_scrape_args *args,
                        const jd_etl_plan *plan);
/* The columns alone, with the fields as the mirror's catalogue has them. */
jd_code jd_etl_plan_columns(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                            const char *raw_dir, jd_etl_plan *out, jd_err *e) JD_NODISCARD;

/* "report.json" of the site acme: "report.acme.json"; as it is where there is one site. */
const char *jd_etl_path(jd_arena *a, const jd_etl_conf *conf, const jd_etl_site *site,
                        const char *path);

#endif
