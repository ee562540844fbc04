// What is used of libraries, and the names that the build puts in.

declare const LIVE_JS: string;
declare const DIAGRAM_JS: string;
declare const FORMS_JS: string;
declare const FORMS_CSS: string;
declare const LICENSES: string;

declare module "bpmn-js/lib/Viewer" {
  export default class Viewer {
    constructor(options: object);
    importXML(xml: string): Promise<{ warnings: unknown[] }>;
    get<T>(name: string): T;
    on(event: string, priority: number, listener: (event: { element: { id: string; type: string } }) => unknown): void;
    destroy(): void;
  }
}
declare module "diagram-js/lib/navigation/movecanvas";

