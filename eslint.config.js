import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { importRule } from './scripts/lint/importRule.js';
import svelteConfig from './svelte.config.js';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'public/', '.cache/', 'tests/golden/'] },
  ...tseslint.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
  },
  {
    plugins: { glimpse: { rules: { imports: importRule } } },
    rules: {
      'glimpse/imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // Maps are replaced or followed by a version number; they need no reactivity of their own.
      'svelte/prefer-svelte-reactivity': 'off',
      // Interfaces that only narrow are fine.
      '@typescript-eslint/no-empty-object-type': 'off',
    },
  },
  {
    // Only the rules that find what types alone can tell and that bite: a promise that nobody awaits loses its error.
    // `void promise` says that nobody waits on purpose. Components are left to svelte-check: type information is slow there.
    files: ['**/*.ts'],
    ignores: ['**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
);
