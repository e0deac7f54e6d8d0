// markup_peer.js wiki|adf MODULES FILE: what tests/bench/markup.c does, by a package of npm's: jira2md for
// wiki markup, adf-to-markdown for ADF. Five passes in one process over lines that are in memory; each
// line is parsed as JSON again. Prints the median megabytes a second and the bytes read.
const fs = require('fs');
const [kind, modules, file] = process.argv.slice(2);
const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
const peer = require(modules + (kind === 'wiki' ? '/jira2md' : '/adf-to-markdown'));
const bytes = lines.map((l) => Buffer.byteLength(kind === 'wiki' ? JSON.parse(l).input : l));
const all = bytes.reduce((a, b) => a + b, 0);
const speeds = [];
let written = 0;
for (let pass = 0; pass < 5; pass++) {
  const begun = process.hrtime.bigint();
  for (const line of lines) {
    const doc = JSON.parse(line);
    const out = kind === 'wiki' ? peer.to_markdown(doc.input) : peer.convertADFToMarkdown(doc.adf);
    written += out.length;
  }
  speeds.push(all / 1e6 / (Number(process.hrtime.bigint() - begun) / 1e9));
}
speeds.sort((a, b) => a - b);
if (!written) process.exit(1);
console.log(speeds[2].toFixed(1), all);
