/** The scoring room: records, parsers that guess nothing, outcomes with their denominators, and the metrics of each task. */

export {
  brierScore,
  expectedCalibrationError,
  selectiveAccuracy,
  type ConfidentAnswer,
  type SelectivePoint,
} from './calibration.js';
export { statedConfidence } from './confidence.js';
export { countingMetrics, type CountAnswer, type CountingMetrics } from './counting.js';
export { alignUnits, editCount, type Alignment } from './edit-distance.js';
export { existenceMetrics, type ExistenceMetrics, type YesNoAnswer } from './existence.js';
export { itemOfScene, type PictureRecord } from './from-scene.js';
export {
  anls,
  normaliseText,
  numericFieldsMatch,
  readingErrors,
  relaxedMatch,
  textMatches,
  tokenF1,
  type ReadingErrors,
} from './ocr.js';
export { nameMetrics, type NameAnswer, type NameMetrics } from './names.js';
export {
  countOutcomes,
  outcomePlaces,
  outcomeRates,
  outcomes,
  type Outcome,
  type OutcomeCounts,
  type OutcomePlace,
  type OutcomeRates,
} from './outcome.js';
export { parseReply, parserVersion } from './parse.js';
export type { AnswerValue, ParsedReply } from './reading.js';
export {
  itemSchema,
  readRecords,
  recordLine,
  recordVersion,
  responseSchema,
  scoreSchema,
  type ItemAnswer,
  type ItemAnswerSpec,
  type ItemRecord,
  type ReadRecords,
  type ResponseRecord,
  type ScoreRecord,
} from './records.js';
export { repeatMetrics, type RepeatMetrics } from './repeats.js';
export { cleanReply } from './reply-text.js';
export { scoreResponse } from './score.js';
export {
  groupAccuracy,
  isMirrorOf,
  spatialMetrics,
  type GroupedAnswer,
  type PlaceAnswer,
  type SpatialMetrics,
} from './spatial.js';
export {
  ocrMetrics,
  summariseScores,
  taskMetrics,
  type AbstentionMetrics,
  type OcrMetrics,
  type Summary,
  type TaskMetrics,
} from './summary.js';
export { valueMetrics, type ReadValue, type ValueMetrics } from './values.js';
