/** What a graph is spared while it is loaded, whose exporter has already had the runtime rewrite it. */

/**
 * The runtime's rewriting steps (names: onnxruntime 1.30, its log at severity 0) that look at no processor, so that a graph which went through
 * them once is left as it is by each. They still look at every node, several times, while a model is loaded; a test holds that leaving them out
 * changes no bit of what the bundled graphs compute.
 * Not among them: ConstantFolding, which makes floats of 8-bit weights, and NchwcTransformer and NhwcTransformer, which suit a graph to the processor.
 */
const finished = [
  'AttentionFusion',
  'BiasDropoutFusion',
  'BiasGeluFusion',
  'BiasSkipLayerNormFusion',
  'BiasSoftmaxFusion',
  'CastFloat16Transformer',
  'CommonSubexpressionElimination',
  'ConstantSharing',
  'ConvActivationFusion',
  'ConvAddActivationFusion',
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
  'QDQS8ToU8Transformer',
  'QDQSelectorActionTransformer',
  'QuickGeluFusion',
  'RemoveDuplicateCastTransformer',
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
