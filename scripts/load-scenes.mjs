/** The built scenes room for the scripts beside this one, or a plain word about what to do. */

export const scenes = await import('../dist/benchmarks/scenes/index.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('dist/benchmarks/scenes is missing. Run "npm run build" first.');
  process.exit(3);
});
