/**
 * Loads a model, asks it about a picture and closes it, over and over, in a process of its own, and sends how much memory was resident after
 * each time. Started by `local-soak.mjs`, which says in MALLOC_ARENA_MAX how many arenas glibc may have.
 *
 *   fork('local-soak-loads.mjs', [folder, cycles], { execArgv: ['--expose-gc'] })
 */

import { loadOver } from './soak-memory.mjs';

const [folder, cycles] = process.argv.slice(2);
process.send(await loadOver(folder, Number(cycles)));
process.disconnect();
