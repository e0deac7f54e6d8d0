/* randomdoc.h: a document of events, made of a seed: the same on every machine.
 *
 * TAME: what a reader makes of a well-formed text: plain words, marks, links, and blocks only where
 * ADF allows them. WILD: any block in any block, texts full of Markdown's and wiki's own
 * characters, empty things, spans over thousands of columns. Both keep doc.h's promises: valid
 * UTF-8, no control characters, every open closed. */
#ifndef TESTS_RANDOMDOC_H
#define TESTS_RANDOMDOC_H

#include "markup/doc.h"

typedef enum randomdoc_kind { RANDOMDOC_TAME, RANDOMDOC_WILD } randomdoc_kind;

/* Resets d and fills it with about `size` events. */
void randomdoc(jd_mk_doc *d, uint64_t seed, unsigned size, randomdoc_kind kind);

#endif
