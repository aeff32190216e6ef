/** A cell that says this is as the framework has it: a link holds the framework and only the cells that differ. */
export const AS_FRAMEWORK = 'auto';
