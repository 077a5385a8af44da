// Checks hash-chain.json: node check.mjs hash-chain.json
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
let previous = vectors.first_prev_hash;
for (const { seq, hash, canonical } of vectors.events) {
  const computed = createHash("sha256").update(canonical, "utf8").digest("hex");
  if (computed !== hash || JSON.parse(canonical).prev_hash !== previous)
    throw new Error(`event ${seq} breaks the chain`);
  previous = hash;
}
console.log(`${vectors.events.length} events, last hash ${previous}`);
