/** A deterministic OpenAI in a process of its own: the same question has always the same answer, and everything it begins to answer is billed. */

import { createHash } from 'node:crypto';
import { costOf, findModel } from '../../dist/src/index.js';
import { createFakeServer } from '../../dist/src/testing/index.js';

const row = findModel('openai:gpt-4o');
const day = new Date().toISOString().slice(0, 10);
const times = new Map();
let usd = 0;
let served = 0;

const server = await createFakeServer({
  wire: 'openai',
  keepRequests: 1,
  default: ({ body }) => {
    const [, place] = /square (\d+)\?/.exec(JSON.stringify(body));
    const digest = createHash('sha256').update(place).digest();
    const usage = { inputTokens: 60 + digest[0], outputTokens: 2 + (digest[1] % 9), cacheReadTokens: 0 };
    usd += costOf({ estimated: false, ...usage }, row, day).usd;
    served += 1;
    times.set(place, (times.get(place) ?? 0) + 1);
    process.send({ served });
    const right = digest[2] % 3 > 0;
    // From 5 to 40 ms, as the question says, so that answers overtake each other.
    return {
      reply: { text: String((Number(place) + (right ? 0 : 1)) % 5), usage, model: 'gpt-4o-2024-11-20' },
      delayMs: 5 + (digest[3] % 36),
    };
  },
});
process.on('message', () => process.send({ bill: { usd, served, times: [...times] } }));
process.on('disconnect', () => void server.close().then(() => process.exit(0)));
process.send({ url: server.url });
