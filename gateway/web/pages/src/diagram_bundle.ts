// What a diagram needs, in a file of its own: it is loaded when one is shown.
import Viewer from "bpmn-js/lib/Viewer";
import MoveCanvas from "diagram-js/lib/navigation/movecanvas";

export { MoveCanvas, Viewer };
