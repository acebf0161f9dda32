/** Keeps keys and picture bytes out of every text that leaves the package as an error, warning or trace. */

const secretPatterns: readonly RegExp[] = [
  // OpenAI, Anthropic, OpenRouter and many compatible servers: sk-..., sk-ant-..., sk-or-...
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}/g,
  // Google API keys
  /\bAIza[0-9A-Za-z_-]{20,}/g,
  // Groq, Hugging Face, xAI
  /\b(?:gsk|hf|xai)[_-][A-Za-z0-9_-]{10,}/g,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  // ?key=..., &api_key=..., "x-api-key": "..."
  /((?:api[_-]?key|key|token|authorization|password|secret)["']?\s*[=:]\s*["']?)[A-Za-z0-9._~+/=-]{12,}/gi,
];

/** A run this long without a blank is bytes in base64 or hexadecimal, never prose. */
const byteRun = /[A-Za-z0-9+/_=-]{200,}/g;

const userInfoInUrl = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/gi;

/**
 * Removes what looks like a key and what looks like encoded bytes, then cuts the text.
 *
 * @param text any text that may quote a server, a URL or a request
 * @param maxLength characters kept; default 2,000
 */
export function redact(text: string, maxLength = 2_000): string {
  let clean = beginningOf(text).replace(byteRun, (run) => `[${run.length} characters removed]`);
  for (const pattern of secretPatterns) {
    clean = clean.replace(pattern, (_match: string, prefix: unknown) =>
      typeof prefix === 'string' ? `${prefix}[key removed]` : '[key removed]',
    );
  }
  clean = clean.replace(userInfoInUrl, '$1');
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}

/** Longer texts are cut before the search, at a blank, so that half a key at the cut is not left over. */
const searchedLength = 20_000;

function beginningOf(text: string): string {
  if (text.length <= searchedLength) return text;
  const beginning = text.slice(0, searchedLength);
  return beginning.replace(/\s\S*$/, '…');
}
