/** The wire formats that fake servers speak. */

import { anthropicWire } from './anthropic.js';
import { googleWire } from './google.js';
import { openaiCompatibleWire } from './openai-compatible.js';
import { openaiWire } from './openai.js';
import type { Wire, WireName } from './wire.js';

export const wires: Readonly<Record<WireName, Wire>> = {
  openai: openaiWire,
  'openai-compatible': openaiCompatibleWire,
  anthropic: anthropicWire,
  google: googleWire,
};
