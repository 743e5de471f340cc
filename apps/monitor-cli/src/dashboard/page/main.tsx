// The page's composition root: theme before the first paint, the live stream, then the tree. All that comes from the stores is
// rendered as text; nothing here builds HTML from strings.
import { render } from 'preact';
import { live } from './live/live-status.ts';
import { App } from './shell/app.tsx';
import { applyTheme } from './shell/theme.ts';

applyTheme();
const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app: build the page again');
live.start();
render(<App />, root);
