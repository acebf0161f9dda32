/** The entry `ocelli/bench`: scenes, suites, runs, scoring and statistics of the hallucination benchmark, for others to build on. */

export {
  generateItems,
  generatorNames,
  levels,
  renderScene,
  type GenerateOptions as SceneOptions,
  type GeneratorName,
  type Level,
  type RenderedBox,
  type RenderedScene,
  type Scene,
  type SceneItem,
} from './scenes/index.js';
export * from './report/index.js';
export * from './scoring/index.js';
export * from './statistics/index.js';
export * from './runner/index.js';
export * from './suites/index.js';
