import static com.github.tomakehurst.wiremock.client.WireMock.*;

import com.github.tomakehurst.wiremock.admin.model.ServeEventQuery;
import com.github.tomakehurst.wiremock.client.VerificationException;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.common.ClientError;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** WireMock's own Java client, asked about what a server has received. Arguments: host and port. */
public class Client {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        int port = Integer.parseInt(arguments[1]);
        String base = "http://" + host + ":" + port;
        for (int number = 1; number <= 2; number++) {
            send(HttpRequest.newBuilder(URI.create(base + "/orders?page=1")).header("Content-Type", "application/json")
                .header("Cookie", "session=abc")
                .POST(HttpRequest.BodyPublishers.ofString("{\"number\": " + number + "}")));
        }
        boolean ended = false;
        try {
            // A GET would be sent again.
            send(HttpRequest.newBuilder(URI.create(base + "/broken")).POST(HttpRequest.BodyPublishers.noBody()));
        } catch (IOException expected) {
            ended = true;
        }
        check(ended, "a fault ends the connection");
        send(HttpRequest.newBuilder(URI.create(base + "/unknown")));

        WireMock server = new WireMock(host, port);
        verifies(server);
        finds(server);
        listsServeEvents(server);
        forgets(server);
        System.out.println("WireMock's Java client: all checks passed");
    }

    private static void verifies(WireMock server) {
        server.verifyThat(2, postRequestedFor(urlPathEqualTo("/orders")).withQueryParam("page", equalTo("1")));
        server.verifyThat(1, postRequestedFor(anyUrl()).withRequestBody(equalToJson("{\"number\": 2}")));
        server.verifyThat(1, postRequestedFor(anyUrl()).withRequestBody(matchingJsonPath("$.number", equalTo("1"))));
        server.verifyThat(2, postRequestedFor(urlEqualTo("/orders?page=1")).withHeader("content-type", containing("json")));
        server.verifyThat(moreThanOrExactly(2), anyRequestedFor(urlPathMatching("/or.*")).withoutHeader("X-Missing"));
        server.verifyThat(lessThan(4), postRequestedFor(urlPathTemplate("/{list}")));
        server.verifyThat(0, getRequestedFor(urlPathEqualTo("/orders")));
        boolean refused = false;
        try {
            server.verifyThat(3, postRequestedFor(urlPathEqualTo("/orders")));
        } catch (VerificationException expected) {
            refused = true;
        }
        check(refused, "three requests are not verified");
        boolean failed = false;
        try {
            server.verifyThat(1, getRequestedFor(urlEqualTo("/never")));
        } catch (VerificationException | ClientError expected) {
            // For a request that never came the client asks for near misses, which the server does not have.
            failed = true;
        }
        check(failed, "a request that never came is not verified");
    }

    private static void finds(WireMock server) {
        List<LoggedRequest> found = server.find(postRequestedFor(urlPathEqualTo("/orders")));
        check(found.size() == 2, "find: two requests");
        LoggedRequest first = found.get(0);
        check(first.getBodyAsString().equals("{\"number\": 1}"), "find: the oldest is first, with its body");
        check(first.getCookies().get("session").getValue().equals("abc"), "find: the cookie");
        check(first.getHeader("Content-Type").equals("application/json"), "find: the header");
        check(first.queryParameter("page").firstValue().equals("1"), "find: the parameter");
        check(first.getMethod().getName().equals("POST"), "find: the method");
        check(first.getUrl().equals("/orders?page=1"), "find: the URL");
        check(first.getLoggedDate() != null, "find: the date");
        List<LoggedRequest> unmatched = server.findAllUnmatchedRequests();
        check(unmatched.size() == 1 && unmatched.get(0).getUrl().equals("/unknown"), "find: the unmatched request");
    }

    private static void listsServeEvents(WireMock server) {
        List<ServeEvent> events = server.getServeEvents();
        check(events.size() == 4, "four events");
        ServeEvent unknown = events.get(0);
        check(unknown.getRequest().getUrl().equals("/unknown"), "events: the newest is first");
        check(!unknown.getWasMatched(), "events: no stub answered the newest");
        check(unknown.getResponse().getStatus() == 404, "events: the status of the newest");
        check(events.get(1).getResponse().getFault() == Fault.EMPTY_RESPONSE, "events: the fault");
        ServeEvent order = events.get(3);
        check(order.getWasMatched(), "events: a stub answered the oldest");
        check(order.getResponse().getStatus() == 201, "events: its status");
        check(order.getResponse().getBodyAsString().equals("taken"), "events: the body of the answer");
        check(order.getResponse().getHeaders().getHeader("X-Order").firstValue().equals("yes"), "events: a header");
        check(order.getStubMapping().getName().equals("take an order"), "events: the name of the stub");
        check(order.getTiming().getTotalTime() != null, "events: the time");
        ServeEventQuery ofStub = ServeEventQuery.forStubMapping(order.getStubMapping().getId());
        check(server.getServeEvents(ofStub).size() == 2, "events: those of a stub");
        check(server.getServeEvents(ServeEventQuery.ALL_UNMATCHED).size() == 1, "events: those that no stub answered");
    }

    private static void forgets(WireMock server) {
        server.resetRequests();
        check(server.getServeEvents().isEmpty(), "no events are left");
        server.verifyThat(0, anyRequestedFor(anyUrl()));
    }

    private static void send(HttpRequest.Builder request) throws Exception {
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
