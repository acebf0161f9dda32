/** Lists catalogue rows whose price has expired or whose sources were not looked at for 60 days; exits with 1 if there are any. Needs a build. */

import { catalogueProblems, listModels } from '../dist/src/index.js';

const today = process.argv[2] ?? new Date().toISOString().slice(0, 10);
const problems = catalogueProblems(listModels(), today);
for (const { id, message } of problems) console.log(`${id}: ${message}`);
console.log(`${listModels().length} rows, ${problems.length} problems on ${today}.`);
process.exitCode = problems.length === 0 ? 0 : 1;
