/**
 * Loaded before Pulumi's language host: keeps stack traces as V8 writes them. The host takes one for every promise and
 * two for every resource, and would look each frame up in source maps that a program without a build step does not have;
 * that was most of a preview.
 */
Object.defineProperty(Error, 'prepareStackTrace', { get: () => undefined, set: () => {} })
