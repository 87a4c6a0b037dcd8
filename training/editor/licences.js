// Writes the name, version and licence of every package in the bundle beside it.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const names = readdirSync("node_modules")
  .flatMap((name) => (name.startsWith("@") ? readdirSync(`node_modules/${name}`).map((part) => `${name}/${part}`) : [name]))
  .filter((name) => !name.includes("esbuild") && existsSync(`node_modules/${name}/package.json`));

const licences = names.map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`)}`;
});
writeFileSync("../../training/static/training/vendor/codemirror/LICENSE", licences.join(`\n${"-".repeat(80)}\n\n`));
