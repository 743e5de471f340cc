// `npx drizzle-kit generate --config libs/db/drizzle.config.ts` writes the next migration from the schema.
import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './src/schema/index.ts', out: './migrations' });
