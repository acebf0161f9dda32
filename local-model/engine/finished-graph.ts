/** What a graph is spared while it is loaded, whose exporter has already had the runtime rewrite it. */

/**
 * The runtime's rewriting steps (names: onnxruntime 1.30, its log at severity 0) that change nothing in a graph that `local-model/training/fused.py`
 * has had rewritten, but look at each of its nodes, several times, while it is loaded. A test holds that the bundled graphs compute the same
 * without them, bit by bit.
 * Not among them: what depends on the processor or makes floats of 8-bit weights (ConstantFolding, NchwcTransformer, NhwcTransformer,
 * ConvAddActivationFusion, QDQS8ToU8Transformer).
 */
const finished = [
  'AttentionFusion',
  'BiasDropoutFusion',
  'BiasGeluFusion',
  'BiasSkipLayerNormFusion',
  'BiasSoftmaxFusion',
  'CommonSubexpressionElimination',
  'ConstantSharing',
  'ConvActivationFusion',
  'DoubleQDQPairsRemover',
  'DynamicQuantizeMatMulFusion',
  'EmbedLayerNormFusion',
  'FastGeluFusion',
  'FreeDimensionOverrideTransformer',
  'FuseFp16InitializerToFp32NodeTransformer',
  'GatherSliceToSplitFusion',
  'GatherToSliceFusion',
  'GeluFusionL1',
  'GeluFusionL2',
  'GemmActivationFusion',
  'GroupQueryAttentionFusion',
  'GroupQueryAttentionPreNormFusion',
  'LayerNormFusionL1',
  'LayerNormFusionL2',
  'Level1_RuleBasedTransformer',
  'Level2_RuleBasedTransformer',
  'MatMulActivationFusion',
  'MatMulAddFusion',
  'MatMulIntegerToFloatFusion',
  'MatMulNBitsFusion',
  'MatMulScaleFusion',
  'MatmulTransposeFusion',
  'QDQFinalCleanupTransformer',
  'QDQPropagationTransformer',
  'QDQSelectorActionTransformer',
  'QuickGeluFusion',
  'ReshapeFusion',
  'SimplifiedLayerNormFusion',
  'SkipLayerNormFusion',
  'SliceConcatToSpaceToDepthFusion',
  'TransposeOptimizer',
  'TransposeOptimizer_CPUExecutionProvider',
  'WeightBiasQuantization',
  'WhereDummyDq',
];

/** Settings for the `extra` of a session whose graph is `finished`. */
export const finishedGraph = { optimization: { disable_specified_optimizers: finished.join(';') } };
