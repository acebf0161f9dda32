/** A fake server in a process of its own, so that its work is not counted as the client's. */

import { createFakeServer } from '../../dist/src/testing/index.js';

const server = await createFakeServer({ wire: process.argv[2], keepRequests: 1 });
server.setDefault({ reply: { text: Array.from({ length: 20 }, (_, index) => `word${index} `) } });
process.send({ url: server.url });
process.on('disconnect', () => void server.close().then(() => process.exit(0)));
