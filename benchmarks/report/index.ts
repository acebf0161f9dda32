/** The report room: analysis of a run, its page, JUnit, Markdown and JSON, and comparisons between runs. */

export {
  analyse,
  type Analysis,
  type AnalysisOptions,
  type CorrectedResult,
  type ModelResult,
  type SuiteAnalysis,
} from './analysis.js';
export {
  breakdownRequest,
  type Breakdown,
  type BreakdownCell,
  type BreakdownRequest,
  type BreakdownRow,
} from './breakdown.js';
export { compareSides, decideGate, modelOf, type GateDecision, type RunComparison, type Side } from './compare-runs.js';
export { junitXml } from './junit.js';
export { comparisonTable, markdownReport } from './markdown.js';
export { comparePaired, type PairedResult, type PairRequest } from './pairing.js';
export { readPublishedRun } from './published-run.js';
export { latestRun, readRun, type RunRecords } from './run-folder.js';
export { differenceSentence, findingsOf, relationOf, type Finding } from './sentences.js';
export { reportJson, writeReport, type ReportOptions, type WrittenReport } from './write-report.js';
