import javax.xml.bind.JAXB;
import javax.xml.transform.dom.DOMResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** A message as lines of text: one per element, indented, names without prefixes. */
final class Text {
    private Text() {}

    static String of(Object generated) {
        DOMResult result = new DOMResult();
        JAXB.marshal(generated, result);
        StringBuilder text = new StringBuilder();
        append(((Document) result.getNode()).getDocumentElement(), "", text);
        return text.toString();
    }

    private static void append(Element element, String indent, StringBuilder text) {
        boolean leaf = element.getElementsByTagName("*").getLength() == 0;
        text.append(indent).append(element.getLocalName()).append(':');
        text.append(leaf ? " " + element.getTextContent() : "").append('\n');
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element) {
                append((Element) node, indent + "  ", text);
            }
        }
    }
}
