import tseslint from 'typescript-eslint';

const decorators = {
  selector: 'Decorator',
  message: 'Decorators are not erasable: write a function or a factory.',
};
const clocks = [
  ["CallExpression[callee.object.name='Date'][callee.property.name='now']", 'Date.now'],
  ["NewExpression[callee.name='Date'][arguments.length=0]", 'new Date()'],
  ["CallExpression[callee.name='Date']", 'Date()'],
  ["MemberExpression[object.name='Math'][property.name='random']", 'Math.random'],
  ["Identifier[name='performance']", 'performance'],
].map(([selector, name]) => ({
  selector,
  message: `${name}: in core, time and randomness are arguments.`,
}));

export default tseslint.config(
  { ignores: ['**/node_modules/**', '.nx/**', '.headroom/**', 'dist/**', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-restricted-syntax': ['error', decorators],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['libs/core/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', decorators, ...clocks] },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      // Tests state what must be there; the assertion that follows fails when it is not.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
