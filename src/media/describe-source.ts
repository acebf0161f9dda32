/** How a source is called in messages: recognisable, short, and without its bytes or a URL's secrets. */

const longestName = 200;

/** For example `"photos/cat.jpg"`, `https://host/cat.jpg`, `the data: URL` or `the File "cat.jpg"`. */
export function describeSource(source: unknown): string {
  if (typeof source === 'string') return describeText(source);
  if (source instanceof URL) return describeText(source.href);
  if (source instanceof Blob) {
    const name: unknown = 'name' in source ? source.name : undefined;
    return typeof name === 'string' && name !== '' ? `the File ${quote(name)}` : 'the Blob';
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return 'the bytes given';
  if (typeof source === 'object' && source !== null && 'sha256' in source) return 'the loaded medium given';
  return 'the stream given';
}

function describeText(text: string): string {
  if (/^data:/i.test(text)) return 'the data: URL';
  if (/^https?:/i.test(text)) return describeUrl(text);
  return quote(text);
}

/** A URL without user, query and fragment, where tokens of signed links stand. */
export function describeUrl(url: string | URL): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return shorten(`${protocol}//${host}${pathname}`);
  } catch {
    return 'the URL given';
  }
}

function quote(text: string): string {
  return `"${shorten(text)}"`;
}

function shorten(text: string): string {
  return text.length > longestName ? `${text.slice(0, longestName)}…` : text;
}
