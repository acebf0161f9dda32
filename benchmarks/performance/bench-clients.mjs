/** The bare vendor SDKs, called as a program without ocelli would: what the speed comparisons compare with. */

import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenerativeAI } from '@google/generative-ai';

/**
 * One entry a wire. `bare(url)` makes a client and returns what asks about a PNG, streams the answer and gives its text. The bodies are
 * those that ocelli sends for the same question.
 */
export const clients = [
  {
    wire: 'openai',
    model: 'openai:gpt-4o',
    environment: (url) => ({ OPENAI_API_KEY: 'test', OPENAI_BASE_URL: url }),
    bare: (baseURL) => {
      const client = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async (picture, prompt, maxOutputTokens = 4_096) => {
        const stream = await client.responses.create({
          model: 'gpt-4o',
          stream: true,
          max_output_tokens: maxOutputTokens,
          input: [
            {
              role: 'user',
              content: [
                {
                  type: 'input_image',
                  detail: 'high',
                  image_url: `data:image/png;base64,${picture.toString('base64')}`,
                },
                { type: 'input_text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
        return text;
      };
    },
  },
  {
    wire: 'openai-compatible',
    model: 'openai-compatible:any',
    environment: (url) => ({ OPENAI_COMPATIBLE_API_KEY: 'test', OPENAI_COMPATIBLE_BASE_URL: url }),
    bare: (baseURL) => {
      const client = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async (picture, prompt, maxOutputTokens = 4_096) => {
        const stream = await client.chat.completions.create({
          model: 'any',
          stream: true,
          stream_options: { include_usage: true },
          max_tokens: maxOutputTokens,
          messages: [
            {
              role: 'user',
              content: [
                {
                  type: 'image_url',
                  image_url: { url: `data:image/png;base64,${picture.toString('base64')}`, detail: 'high' },
                },
                { type: 'text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
        return text;
      };
    },
  },
  {
    wire: 'anthropic',
    model: 'anthropic:claude-opus-5',
    environment: (url) => ({ ANTHROPIC_API_KEY: 'test', ANTHROPIC_BASE_URL: url }),
    bare: (baseURL) => {
      const client = new Anthropic({ apiKey: 'test', baseURL, maxRetries: 0 });
      return async (picture, prompt, maxOutputTokens = 4_096) => {
        const stream = await client.messages.create({
          model: 'claude-opus-5',
          stream: true,
          max_tokens: maxOutputTokens,
          messages: [
            {
              role: 'user',
              content: [
                {
                  type: 'image',
                  source: { type: 'base64', media_type: 'image/png', data: picture.toString('base64') },
                },
                { type: 'text', text: prompt },
              ],
            },
          ],
        });
        let text = '';
        for await (const event of stream) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
        }
        return text;
      };
    },
  },
  {
    wire: 'google',
    model: 'google:gemini-2.5-flash',
    environment: (url) => ({ GEMINI_API_KEY: 'test', GOOGLE_GEMINI_BASE_URL: url }),
    bare: (baseURL) => {
      const model = new GoogleGenerativeAI('test').getGenerativeModel(
        { model: 'gemini-2.5-flash' },
        { baseUrl: baseURL },
      );
      return async (picture, prompt, maxOutputTokens = 4_096) => {
        const { stream } = await model.generateContentStream({
          generationConfig: { maxOutputTokens },
          contents: [
            {
              role: 'user',
              parts: [{ inlineData: { mimeType: 'image/png', data: picture.toString('base64') } }, { text: prompt }],
            },
          ],
        });
        let text = '';
        for await (const chunk of stream) text += chunk.text();
        return text;
      };
    },
  },
];
