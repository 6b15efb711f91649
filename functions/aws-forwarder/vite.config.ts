import { join } from 'node:path'
import { defineConfig } from 'vite'

/** The function as the one file Lambda runs: `vite build --config functions/aws-forwarder/vite.config.ts`. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'main.ts',
    target: 'node24',
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    minify: false,
    rolldownOptions: { output: { format: 'es', entryFileNames: 'index.mjs', codeSplitting: false } },
  },
})
