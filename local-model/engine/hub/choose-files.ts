/** Which of a hub model's many files are worth downloading: one kind of weights per graph, and the JSON that goes with them. */

import { dtypePreference, dtypeSuffixes } from '../folder.js';
import { localModelError } from '../local-model-error.js';
import type { Dtype } from '../request.js';
import type { HubFile } from './hub-client.js';

/** The files at a model's root that the engine reads, and those that a reader of the folder wants to find there. */
const rootFiles =
  /^(?:config|generation_config|preprocessor_config|processor_config|tokenizer|tokenizer_config|special_tokens_map|chat_template)\.json$|^chat_template\.jinja$|^(?:README|LICENSE|NOTICE)(?:\.(?:md|txt))?$/i;
const weightFile = /^onnx\/([a-z0-9_]+)\.onnx$/;

/** Graphs that make a model, most specific first; `optional` ones are taken when they are there. */
const layouts: readonly { readonly graphs: readonly string[]; readonly optional: readonly string[] }[] = [
  { graphs: ['vision_encoder', 'embed_tokens', 'decoder_model_merged'], optional: ['encoder_model'] },
  { graphs: ['text_model', 'vision_model'], optional: [] },
  { graphs: ['model'], optional: [] },
];
/** Dual encoders are small and compared by fine differences: exact weights first. */
const exactFirst: readonly Dtype[] = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16'];

/**
 * Picks the files of a model. External data comes before the graph that needs it, so that a graph never lies there without.
 *
 * @param dtype wanted where a graph exists in it; otherwise, and by default, the best for a CPU that exists
 * @throws OcelliError `local-model` when the model has no such weights
 */
export function chooseFiles(model: string, files: readonly HubFile[], dtype: Dtype | undefined): readonly HubFile[] {
  const graphs = graphsOf(files);
  const layout = layouts.find((candidate) => candidate.graphs.every((graph) => graphs.has(graph)));
  if (layout === undefined) {
    throw localModelError(
      `${model} has no weights in the hub's ONNX layout (onnx/decoder_model_merged.onnx and its like). Look for a conversion, often named onnx-community/… or ending in -ONNX.`,
    );
  }
  const wanted = [...layout.graphs, ...layout.optional.filter((graph) => graphs.has(graph))];
  const kinds = new Set(wanted.flatMap((graph) => [...(graphs.get(graph)?.keys() ?? [])]));
  if (dtype !== undefined && !kinds.has(dtype)) {
    throw localModelError(`${model} has no weights of the kind ${dtype}. It has: ${[...kinds].sort().join(', ')}.`);
  }
  const weights = wanted.flatMap((graph) => weightsOf(graph, graphs.get(graph) ?? new Map(), files, dtype));
  return [...files.filter((file) => rootFiles.test(file.path)), ...weights];
}

/** Graph → kind of weights → file. */
function graphsOf(files: readonly HubFile[]): ReadonlyMap<string, ReadonlyMap<Dtype, HubFile>> {
  const found = new Map<string, Map<Dtype, HubFile>>();
  // Longest suffix first: `_q4f16` before `_q4`, and none at last.
  const suffixes = Object.entries(dtypeSuffixes).sort((first, second) => second[1].length - first[1].length);
  for (const file of files) {
    const stem = weightFile.exec(file.path)?.[1];
    const kind = stem === undefined ? undefined : suffixes.find(([, suffix]) => stem.endsWith(suffix));
    if (stem === undefined || kind === undefined) continue;
    const graph = stem.slice(0, stem.length - kind[1].length);
    const kinds = found.get(graph) ?? new Map<Dtype, HubFile>();
    kinds.set(kind[0] as Dtype, file);
    found.set(graph, kinds);
  }
  return found;
}

function weightsOf(
  graph: string,
  kinds: ReadonlyMap<Dtype, HubFile>,
  files: readonly HubFile[],
  dtype: Dtype | undefined,
): readonly HubFile[] {
  const order = Object.hasOwn(dtypePreference, graph)
    ? dtypePreference[graph as keyof typeof dtypePreference]
    : graph === 'encoder_model'
      ? dtypePreference.decoder_model_merged
      : exactFirst;
  const kind = dtype !== undefined && kinds.has(dtype) ? dtype : order.find((candidate) => kinds.has(candidate));
  const chosen = kind === undefined ? undefined : kinds.get(kind);
  if (chosen === undefined) throw localModelError(`onnx/${graph} exists only in kinds of weights that are not known.`);
  const data = files.filter((file) => file.path.startsWith(`${chosen.path}_data`) && /_data(?:_\d+)?$/.test(file.path));
  return [...data, chosen];
}
