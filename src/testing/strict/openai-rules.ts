/** What OpenAI's two wires refuse with 400: parameters of the SDK's types, 6.49, and the rules about conversations with tools. */

import type { JsonObject } from '../../request/index.js';
import {
  checkArgumentsText,
  checkStrictSchema,
  checkToolName,
  checkUrl,
  objectAt,
  objectsAt,
  onlyFields,
  oneOf,
  refuse,
  textAt,
} from './body-reader.js';

const responseFields =
  'background context_management conversation include input instructions max_output_tokens metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user'.split(
    ' ',
  );

/** @throws BodyProblem what the Responses API would refuse */
export function checkResponses(body: JsonObject): void {
  onlyFields(body, responseFields, '');
  textAt(body['model'], 'model');
  const limit = body['max_output_tokens'];
  if (typeof limit === 'number' && limit < 16) refuse('max_output_tokens: expected a value >= 16.');
  for (const [index, tool] of objectsAt(body['tools'] ?? [], 'tools').entries()) checkFunction(tool, `tools[${index}]`);
  const text = objectAt(body['text'] ?? {}, 'text');
  if (text['format'] !== undefined) checkFormat(objectAt(text['format'], 'text.format'), 'text.format');
  if (typeof body['input'] === 'string') return;
  const items = objectsAt(body['input'], 'input');
  if (items.length === 0) refuse('input: at least one item is needed.');
  checkItems(items);
}

function checkItems(items: readonly JsonObject[]): void {
  const open = new Set<string>();
  const called = new Set<string>();
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`;
    const type = item['type'] ?? 'message';
    if (type === 'message') {
      checkMessage(item, path);
    } else if (type === 'function_call') {
      const id = textAt(item['call_id'], `${path}.call_id`);
      checkArgumentsText(item['arguments'], `${path}.arguments`);
      open.add(id);
      called.add(id);
    } else if (type === 'function_call_output') {
      const id = textAt(item['call_id'], `${path}.call_id`);
      if (!called.has(id)) refuse(`No tool call found for function call output with call_id ${id}.`);
      open.delete(id);
      if (typeof item['output'] !== 'string') checkContent(item, 'output', inputContent, path);
    } else if (type === 'reasoning') {
      if (items[index + 1] === undefined || items[index + 1]?.['role'] === 'user')
        refuse(
          `Item '${textAt(item['id'], path)}' of type 'reasoning' was provided without its required following item.`,
        );
    } else refuse(`${path}.type: ${JSON.stringify(type)} is not known.`);
  }
  const [unanswered] = open;
  if (unanswered !== undefined) refuse(`No tool output found for function call ${unanswered}.`);
}

const inputContent = ['input_text', 'input_image', 'input_file'];

function checkMessage(item: JsonObject, path: string): void {
  const role = oneOf(item['role'], ['user', 'assistant', 'system', 'developer'], `${path}.role`);
  if (typeof item['content'] === 'string') return;
  checkContent(item, 'content', role === 'assistant' ? ['output_text', 'refusal'] : inputContent, path);
}

function checkContent(item: JsonObject, field: string, types: readonly string[], path: string): void {
  for (const [index, part] of objectsAt(item[field], `${path}.${field}`).entries()) {
    const where = `${path}.${field}[${index}]`;
    const type = oneOf(part['type'], types, `${where}.type`);
    if (type === 'input_image' && part['file_id'] === undefined) checkUrl(part['image_url'], `${where}.image_url`);
    if (type === 'input_file' && part['file_data'] !== undefined) textAt(part['filename'], `${where}.filename`);
  }
}

function checkFunction(tool: JsonObject, path: string): void {
  checkToolName(tool['name'], `${path}.name`);
  const parameters = objectAt(tool['parameters'], `${path}.parameters`);
  if (tool['strict'] === true) checkStrictSchema(parameters, `${path}.parameters`);
}

function checkFormat(format: JsonObject, path: string): void {
  if (format['type'] !== 'json_schema') return;
  checkToolName(format['name'], `${path}.name`);
  const schema = objectAt(format['schema'], `${path}.schema`);
  if (format['strict'] === true) checkStrictSchema(schema, `${path}.schema`);
}

/** @throws BodyProblem what a Chat Completions server would refuse; parameters are open, since servers have their own */
export function checkChat(body: JsonObject): void {
  textAt(body['model'], 'model');
  const messages = objectsAt(body['messages'], 'messages');
  if (messages.length === 0) refuse('messages: at least one message is needed.');
  for (const [index, tool] of objectsAt(body['tools'] ?? [], 'tools').entries())
    checkFunction(objectAt(tool['function'], `tools[${index}].function`), `tools[${index}].function`);
  const format = objectAt(body['response_format'] ?? {}, 'response_format');
  if (format['type'] === 'json_schema')
    checkFormat({ type: 'json_schema', ...objectAt(format['json_schema'], 'json_schema') }, 'response_format');
  let open: readonly string[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    const role = oneOf(message['role'], ['system', 'developer', 'user', 'assistant', 'tool'], `${path}.role`);
    if (role === 'tool') {
      const id = textAt(message['tool_call_id'], `${path}.tool_call_id`);
      if (!open.includes(id)) refuse(`${path}: a tool message must answer a preceding message with 'tool_calls'.`);
      open = open.filter((other) => other !== id);
    } else if (open.length > 0)
      refuse(
        `An assistant message with 'tool_calls' must be followed by tool messages; unanswered: ${open.join(', ')}.`,
      );
    if (role === 'assistant') open = checkAssistant(message, path);
    if (role === 'user') checkUserContent(message, path);
  }
  if (open.length > 0) refuse(`Tool calls without an answer: ${open.join(', ')}.`);
}

function checkAssistant(message: JsonObject, path: string): readonly string[] {
  const calls = objectsAt(message['tool_calls'] ?? [], `${path}.tool_calls`);
  if (calls.length === 0 && (message['content'] === null || message['content'] === undefined))
    refuse(`${path}.content: expected a string or tool_calls.`);
  return calls.map((call, index) => {
    const where = `${path}.tool_calls[${index}]`;
    const called = objectAt(call['function'], where);
    checkToolName(called['name'], `${where}.function.name`);
    checkArgumentsText(called['arguments'], `${where}.function.arguments`);
    return textAt(call['id'], `${where}.id`);
  });
}

function checkUserContent(message: JsonObject, path: string): void {
  if (typeof message['content'] === 'string') return;
  for (const [index, part] of objectsAt(message['content'], `${path}.content`).entries()) {
    const where = `${path}.content[${index}]`;
    const type = oneOf(part['type'], ['text', 'image_url', 'input_audio', 'file'], `${where}.type`);
    if (type === 'image_url') checkUrl(objectAt(part['image_url'], where)['url'], `${where}.image_url.url`);
  }
}
