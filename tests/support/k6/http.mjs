// What an exported script uses of k6's http module, over curl: k6 waits for each answer, and so does this.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

const folder = mkdtempSync(join(tmpdir(), 'k6-'));
const [jar, head, sent] = ['jar', 'head', 'sent'].map((name) => join(folder, name));

const page = (body) => ({
  find: (css) => {
    const named = /^(\w+)\[name=(\w+)\]$/.exec(css);
    const element = /^(\w+)$/.exec(css);
    const id = /^#([\w-]+)$/.exec(css);
    const of = /^\.([\w-]+)$/.exec(css);
    const pattern = named ? `<${named[1]}\\b[^>]*name="${named[2]}"[^>]*>()`
      : element ? `<${element[1]}\\b[^>]*>([^<]*)`
      : id ? `<\\w+[^>]*id="${id[1]}"[^>]*>([^<]*)` : `<\\w+[^>]*class="[^"]*${of[1]}[^"]*"[^>]*>([^<]*)`;
    const match = new RegExp(pattern).exec(body);
    return {
      size: () => (match ? 1 : 0),
      first: () => ({
        attr: (name) => (match ? new RegExp(`${name}="([^"]*)"`).exec(match[0])?.[1] : undefined),
        text: () => (match ? match[1] : ''),
      }),
    };
  },
});

const request = (method, url, body, params) => {
  const words = ['-sS', '-X', method, '-b', jar, '-c', jar, '-D', head, '-w', '\n%{http_code} %{url_effective}', url];
  Object.entries(params.headers).forEach(([name, value]) => words.push('-H', `${name}: ${value}`));
  if (params.redirects) { words.splice(1, 2); words.push('-L', '--max-redirs', String(params.redirects)); }
  if (body !== null) { writeFileSync(sent, body); words.push('--data-binary', `@${sent}`); }
  const told = execFileSync('curl', words, { encoding: 'utf8' });
  const cut = told.lastIndexOf('\n');
  const [status, last] = told.slice(cut + 1).split(' ');
  const text = told.slice(0, cut);
  const pairs = readFileSync(head, 'utf8').split(/\r?\n/).filter((line) => line.includes(': ')).map((line) => line.split(': '));
  return {
    status: Number(status), url: last, body: text, headers: Object.fromEntries(pairs),
    request: { method }, json: () => JSON.parse(text), html: () => page(text),
  };
};

export default { request };
