/* Signs in the place of characters that are not seen, in what scripts put on a page. The same list
   as `lifecycle/protocol/signs.py`, which a test compares. */

export const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

export const sign = (code) => `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;

export const signed = (text) => text.replace(UNSEEN, (letter) => sign(letter.codePointAt(0)));
