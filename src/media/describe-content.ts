/** Says in words what unusable bytes look like, so that an error can name the mistake. */

/** Signatures of files that are often given by mistake. */
const signatures: readonly (readonly [start: string, description: string])[] = [
  ['PK\u0003\u0004', 'a ZIP archive (.zip, .docx, .xlsx and .pptx are such)'],
  ['\u001f\u008b', 'gzip-compressed data'],
  ['8BPS', 'a Photoshop document'],
  ['\0\0\u0001\0', 'an icon file (ICO)'],
  ['\u00ff\n', 'a JPEG XL picture'],
  ['\0\0\0\fJXL ', 'a JPEG XL picture'],
  ['\0\0\0\fjP  ', 'a JPEG 2000 picture'],
  ['version https://git-lfs', 'a Git LFS pointer instead of the file itself'],
  ['\u007fELF', 'a program'],
  ['Rar!', 'a RAR archive'],
];

/** For example `a web page (HTML)` or `plain text`; never quotes the bytes. */
export function describeContent(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 512));
  for (const [signature, description] of signatures) if (start.startsWith(signature)) return description;
  if (!isText(bytes)) return 'unknown binary data';
  const text = start.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (/^(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(text)) return 'a web page (HTML)';
  if (text.startsWith('data:')) return 'a data: URL in a file; pass its text instead of the file';
  if (/^[[{]/.test(text)) return 'JSON text';
  if (text.startsWith('<')) return 'XML text';
  if (text.length >= 64 && /^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text)) {
    return 'base64 text; decode it, or put "data:image/...;base64," before it';
  }
  return 'plain text';
}

/** Text has no control characters except blanks; one NUL is enough to rule it out. */
function isText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 512);
  return start.length > 0 && start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
}
