import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { restoreTheme } from './theme';
import './theme.css';

const target = document.getElementById('app');
if (!target) throw new Error('page: the element #app is missing from index.html');
restoreTheme();
mount(App, { target });
