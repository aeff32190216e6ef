import { defaultsOf, type Config, type Control, type Text } from './control';

export interface Source {
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  /** arXiv number or DOI, as text: the page opens no foreign address by itself. */
  readonly reference: string;
}

export interface Preset {
  readonly id: string;
  readonly title: Text;
  /** One sentence: what to look for. */
  readonly summary: Text;
  readonly config: Config;
}

export interface ClaimMeta {
  readonly id: string;
  /** The claim as its paper makes it, in one sentence. */
  readonly sentence: Text;
  readonly source: string;
}

/** A method of a lab. */
export interface Method {
  readonly id: string;
  readonly title: string;
  /** The settings that make it what it is; left out where a control `method` has its id, or the lab has no other. */
  readonly config?: Config;
}

/** Beside its own views, every lab has these panels. */
export const PANELS = ['curves', 'claims', 'model', 'device'] as const;

/** The settings of a method beside the lab's defaults. */
export function methodConfig(lab: LabMeta, method: Method): Config {
  return method.config ?? (lab.controls.some((c) => c.id === 'method') ? { method: method.id } : {});
}

/** The method that a config is one of; undefined where it is none. */
export function methodOf(lab: LabMeta, config: Config): Method | undefined {
  const has = (wanted: Config) => Object.entries(wanted).every(([id, value]) => config[id] === value);
  return lab.methods.find((method) => has(methodConfig(lab, method)));
}

/** A rule between controls. `fix` gives a config that fulfils it. */
export interface Constraint {
  readonly ids: readonly string[];
  readonly problem: (config: Config) => Text | undefined;
  readonly fix: (config: Config) => Config;
}

/** What is known of a lab before it is opened. */
export interface LabMeta {
  readonly id: string;
  readonly title: Text;
  readonly summary: Text;
  readonly family: 'hide' | 'compare' | 'denoise' | 'find' | 'points' | 'sequences';
  readonly sources: readonly Source[];
  readonly methods: readonly Method[];
  /** Methods of the family that this lab does not have yet, by their titles. */
  readonly methodsToCome?: readonly string[];
  /** What its main picture can show: a link may name one. */
  readonly views?: readonly string[];
  readonly controls: readonly Control[];
  readonly groups: readonly { readonly id: string; readonly title: Text }[];
  readonly presets: readonly Preset[];
  readonly constraints: readonly Constraint[];
  /** What is allowed, but hardly meant: said before a run, never changed. */
  readonly remark?: (config: Config) => Text | undefined;
  readonly claims: readonly ClaimMeta[];
  /** What `data=own` means: pictures alone (unless told otherwise), or pictures with boxes, which the lab's own page takes. */
  readonly ownPictures?: 'plain' | 'annotated';
}

/** The config of a lab as it opens. */
export function labDefaults(lab: LabMeta): Config {
  return defaultsOf(lab.controls);
}

/** Applies the lab's rules between controls; gives what was changed and why. */
export function settle(
  lab: LabMeta,
  config: Config,
): { config: Config; problems: { readonly ids: readonly string[]; readonly message: Text }[] } {
  const problems: { ids: readonly string[]; message: Text }[] = [];
  let settled = config;
  // Twice: a fix may need another rule to look again.
  for (let pass = 0; pass < 2; pass++) {
    for (const rule of lab.constraints) {
      const message = rule.problem(settled);
      if (!message) continue;
      problems.push({ ids: rule.ids, message });
      settled = rule.fix(settled);
    }
  }
  return { config: settled, problems };
}
