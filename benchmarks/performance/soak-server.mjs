/** The server of the soak: every kind of answer and failure in turn. */

import { createFakeServer } from '../../dist/src/testing/index.js';

const server = await createFakeServer({ wire: process.argv[2], keepRequests: 1 });
const steps = [
  { reply: { text: ['one ', 'two ', 'three'] } },
  { reply: { text: ['one ', 'two ', 'three'] }, betweenEventsMs: 1 },
  { error: 'overloaded' },
  { reply: { text: ['one ', 'two'] }, cutAfterEvents: 'first-text' },
  { error: 'invalid-request' },
  { reply: { text: ['é', '漢字', '🙂'] }, splitUtf8: true },
  { reply: { text: ['one'] }, malformedChunkAt: 1 },
  { closeImmediately: true },
  { reply: { toolCalls: [{ id: 'a', name: 'zoom', arguments: { x: 1 } }] } },
  { reply: { text: ['one '] }, errorInStreamAfterEvents: 1 },
];
let next = 0;
server.setDefault(() => steps[next++ % steps.length]);
process.send({ url: server.url });
process.on('disconnect', () => void server.close().then(() => process.exit(0)));
