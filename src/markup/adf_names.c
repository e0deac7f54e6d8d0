#include "markup/adf_names.h"

#include <string.h>

/* Slots are given by length, first, last and middle letter, without a clash: two rows on one slot
 * do not compile cleanly. */
#define SLOT(len, first, last, mid) (((len)*3 + (first)*9 + (last)*7 + (mid)) & 31)
#define ROW(name, first, last, mid, does, bits) \
    [SLOT(sizeof(name) - 1, first, last, mid)] = {JD_STR_INIT(name), JD_ADF_MARK_##does, bits}

jd_adf_mark jd_adf_mark_of(jd_str name, unsigned *bits)
{
    static const struct {
        jd_str      name;
        jd_adf_mark does;
        unsigned    bits;
    } marks[32] = {
        ROW("strong", 's', 'g', 'o', PLAIN, JD_MK_STRONG),
        ROW("em", 'e', 'm', 'm', PLAIN, JD_MK_EM),
        ROW("strike", 's', 'e', 'i', PLAIN, JD_MK_STRIKE),
        ROW("underline", 'u', 'e', 'r', PLAIN, JD_MK_UNDERLINE),
        ROW("code", 'c', 'e', 'd', PLAIN, JD_MK_MONO),
        ROW("subsup", 's', 'p', 's', SUBSUP, 0),
        ROW("link", 'l', 'k', 'n', LINK, 0),
        ROW("textColor", 't', 'r', 'C', SILENT, 0),
        ROW("backgroundColor", 'b', 'r', 'u', SILENT, 0),
        ROW("annotation", 'a', 'n', 'a', SILENT, 0),
        ROW("border", 'b', 'r', 'd', SILENT, 0),
        ROW("alignment", 'a', 't', 'n', SILENT, 0),
        ROW("indentation", 'i', 'n', 't', SILENT, 0),
        ROW("fontSize", 'f', 'e', 'S', SILENT, 0),
        ROW("breakout", 'b', 't', 'k', SILENT, 0),
        ROW("fragment", 'f', 't', 'm', SILENT, 0),
        ROW("dataConsumer", 'd', 'r', 'n', SILENT, 0),
    };
    if (name.n == 0)
        return JD_ADF_MARK_UNKNOWN;
    const unsigned char *p = (const unsigned char *)name.p;
    size_t               i = SLOT(name.n, p[0], p[name.n - 1], p[name.n / 2]);
    if (!jd_str_eq(marks[i].name, name))
        return JD_ADF_MARK_UNKNOWN;
    *bits = marks[i].bits;
    return marks[i].does;
}

jd_mk_panel jd_adf_panel_of(jd_str name)
{
    static const struct {
        jd_str      name;
        jd_mk_panel panel;
    } panels[] = {
        {JD_STR_INIT("info"), JD_MK_PANEL_INFO},
        {JD_STR_INIT("note"), JD_MK_PANEL_NOTE},
        {JD_STR_INIT("tip"), JD_MK_PANEL_TIP},
        {JD_STR_INIT("success"), JD_MK_PANEL_SUCCESS},
        {JD_STR_INIT("warning"), JD_MK_PANEL_WARNING},
        {JD_STR_INIT("error"), JD_MK_PANEL_ERROR},
    };
    for (size_t i = 0; i < sizeof panels / sizeof *panels; i++)
        if (jd_str_eq(panels[i].name, name))
            return panels[i].panel;
    return JD_MK_PANEL_CUSTOM;
}

jd_str jd_adf_emoji(jd_str name)
{
    static const struct {
        jd_str name, glyph;
    } emoji[] = {
        {JD_STR_INIT("check_mark"), JD_STR_INIT("\u2705")},
        {JD_STR_INIT("cross_mark"), JD_STR_INIT("\u274c")},
        {JD_STR_INIT("warning"), JD_STR_INIT("\u26a0\ufe0f")},
        {JD_STR_INIT("info"), JD_STR_INIT("\u2139\ufe0f")},
        {JD_STR_INIT("plus"), JD_STR_INIT("\u2795")},
        {JD_STR_INIT("minus"), JD_STR_INIT("\u2796")},
        {JD_STR_INIT("question"), JD_STR_INIT("\u2753")},
        {JD_STR_INIT("light_bulb_on"), JD_STR_INIT("\U0001f4a1")},
        {JD_STR_INIT("light_bulb_off"), JD_STR_INIT("\U0001f319")},
        {JD_STR_INIT("flag_on"), JD_STR_INIT("\U0001f6a9")},
        {JD_STR_INIT("flag_off"), JD_STR_INIT("\U0001f3f3\ufe0f")},
    };
    for (size_t i = 0; i < sizeof emoji / sizeof *emoji; i++)
        if (jd_str_eq(emoji[i].name, name))
            return emoji[i].glyph;
    return jd_str_ends(name, JD_STR("_star")) ? JD_STR("\u2b50") : JD_NOSTR;
}
