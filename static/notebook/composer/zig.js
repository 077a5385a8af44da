/* Zig's colours: a stream parser for CodeMirror's StreamLanguage. It tells words, numbers, texts and
   comments apart; it knows no grammar. */

const words = (text) => new Set(text.split(" "));

const KEYWORDS = words(
  "addrspace align allowzero and anyframe anytype asm async await break callconv catch comptime " +
  "const continue defer else enum errdefer error export extern fn for if inline linksection " +
  "noalias noinline nosuspend opaque or orelse packed pub resume return struct suspend switch " +
  "test threadlocal try union unreachable usingnamespace var volatile while",
);
const ATOMS = words("true false null undefined");
const TYPES = words(
  "anyerror anyopaque bool comptime_float comptime_int f16 f32 f64 f80 f128 isize noreturn type " +
  "usize void c_char c_short c_ushort c_int c_uint c_long c_ulong c_longlong c_ulonglong",
);

function token(stream, state) {
  if (stream.sol()) state.indented = stream.indentation();
  if (stream.eatSpace()) return null;
  if (stream.match("//")) {
    const documentation = stream.match(/^[/!]/, false);
    stream.skipToEnd();
    return documentation ? "docComment" : "comment";
  }
  // A line of a text of many lines begins with two backslashes and ends with the line.
  if (stream.match("\\\\")) {
    stream.skipToEnd();
    return "string";
  }
  if (stream.match(/^@?"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return "string";
  if (stream.match(/^@[A-Za-z_]\w*/)) return "macroName";
  if (stream.match(/^0[xob][\da-fA-F_]+(?:\.[\da-fA-F_]+)?(?:[pP][+-]?\d+)?/)) return "number";
  if (stream.match(/^\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?/)) return "number";
  const word = stream.match(/^[A-Za-z_]\w*/);
  if (word) return kindOf(word[0], stream);
  if (stream.match(/^[+\-*/%=<>!&|^~?]+/)) return "operator";
  const character = stream.next();
  if (/[([{]/.test(character)) state.depth += 1;
  if (/[)\]}]/.test(character)) state.depth = Math.max(0, state.depth - 1);
  return /[()[\]{}]/.test(character) ? "bracket" : "punctuation";
}

function kindOf(word, stream) {
  if (KEYWORDS.has(word)) return "keyword";
  if (ATOMS.has(word)) return "atom";
  if (TYPES.has(word) || /^[iu]\d+$/.test(word)) return "typeName";
  if (stream.match(/^\s*\(/, false)) return "variableName.function";
  return /^[A-Z]/.test(word) ? "typeName" : "variableName";
}

export const zig = {
  name: "zig",
  startState: () => ({ depth: 0, indented: 0 }),
  token,
  indent(state, textAfter, context) {
    const closing = /^\s*[)\]}]/.test(textAfter) ? 1 : 0;
    return Math.max(0, state.depth - closing) * context.unit;
  },
  languageData: {
    commentTokens: { line: "//" },
    closeBrackets: { brackets: ["(", "[", "{", "'", '"'] },
    indentOnInput: /^\s*[)\]}]$/,
  },
};
