import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

/** Every TypeScript file that git tracks or would. */
export function sources(): readonly Source[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = listed.split('\n').filter((path) => path !== '' && existsSync(root + path));
  return paths.map((path) => ({
    path,
    text: readFileSync(root + path, 'utf8'),
    isTest: path.startsWith('test/') || /[.](test|fixture|contract)[.]ts$/.test(path),
  }));
}

export interface FunctionSpan {
  readonly path: string;
  readonly name: string;
  readonly lines: number;
}

/** The functions of a file with the lines that each takes, nested ones counted by themselves too. */
export function functionsOf({ path, text }: Source): readonly FunctionSpan[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  const found: FunctionSpan[] = [];
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const lines = lineOf(node.getEnd()) - lineOf(node.getStart()) + 1;
      found.push({ path, name: node.name?.getText() ?? 'anonymous', lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
