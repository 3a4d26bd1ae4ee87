"""SPANISH_RATING_HEADERS: Spanish headers of wishes, ratings and conflicts.

A key is as in :data:`attune_fit.data.guessing.words.header_clues.HEADER_WORDS`.
"""

from __future__ import annotations

SPANISH_RATING_HEADERS: dict[str, tuple[str, ...]] = {
    "attribute": (
        "atributo", "caracteristica", "caracteristica terapeuta", "rasgo", "criterio", "preferencia sobre",
        "tipo preferencia", "tipo de preferencia", "categoria preferencia", "aspecto", "deseo sobre", "sobre que",
    ),
    "attribute?": ("categoria", "tema", "campo", "ambito", "tipo"),
    "value": (
        "preferencia", "valor", "valores", "valor preferido", "valor deseado", "deseo", "deseado", "opcion preferida",
        "preferido", "solicita", "pide", "que prefiere", "solicitado",
    ),
    "value?": ("opcion", "eleccion", "respuesta", "detalle"),
    "strength": (
        "importancia", "fuerza", "intensidad", "intensidad preferencia", "nivel importancia", "grado importancia",
        "peso", "prioridad", "que tan importante", "que tan importante es", "cuanto importa", "obligatoriedad",
        "obligatorio o preferible", "fuerza preferencia", "nivel preferencia",
    ),
    "strength?": ("nivel", "grado", "obligatorio", "requisito", "imprescindible"),
    "session": (
        "sesion", "no sesion", "n sesion", "numero sesion", "sesion no", "sesion n", "sesion numero", "num sesion",
        "nro sesion", "nro de sesion", "n de sesion", "num de sesion", "numero cita", "num cita", "nro cita",
        "no cita", "n cita", "numero visita", "num visita", "no visita", "n visita", "encuentro no", "consulta no",
        "numero consulta", "nro consulta", "n consulta", "sesion terapia", "momento evaluacion", "que sesion es",
    ),
    "session?": ("cita", "visita", "consulta", "momento", "medicion", "semana", "toma", "sesiones", "encuentro"),
    "measured_on": (
        "fecha", "fecha sesion", "marca temporal", "fecha de la sesion", "f sesion", "fec sesion", "sesion fecha",
        "dia sesion", "fecha evaluacion", "f evaluacion", "fecha de la evaluacion", "fecha medida", "fecha medicion",
        "fecha de aplicacion", "fecha aplicacion", "aplicado", "aplicado el", "fecha administracion",
        "fecha cuestionario", "fecha respuesta", "respondido", "respondido el", "fecha completado", "completado",
        "completado el", "fecha cumplimentacion", "cumplimentado", "cumplimentado el", "rellenado", "rellenado el",
        "llenado", "fecha llenado", "fecha cita", "fecha visita", "fecha consulta", "fecha atencion",
        "fecha encuentro", "fecha toma", "fecha valoracion", "fecha y hora", "fecha hora", "fecha escala",
    ),
    "measured_on?": ("fecha registro", "dia", "f", "fec", "fecha captura", "fecha envio"),
    "instrument": (
        "instrumento", "cuestionario", "escala", "instrumento aplicado", "instrumento usado", "test aplicado",
        "nombre instrumento", "nombre cuestionario", "nombre escala", "tipo cuestionario", "tipo instrumento",
        "tipo escala", "cuestionario aplicado", "escala aplicada",
    ),
    "instrument?": ("prueba", "medida", "formulario", "tipo", "herramienta", "inventario"),
    "rater": (
        "evaluador", "informante", "evaluado por", "evaluadora", "respondido por", "respondente", "respondiente",
        "contestado por", "completado por", "rellenado por", "cumplimentado por", "quien responde", "quien contesta",
        "quien completa", "quien evalua", "quien rellena", "quien valora", "calificado por", "valorado por",
        "valorador", "perspectiva", "informador", "tipo informante", "tipo evaluador", "llenado por", "puntuado por",
    ),
    "rater?": ("fuente", "rol"),
    "score": (
        "total puntos", "total alianza", "alianza", "alianza total", "alianza terapeutica",
        "alianza terapeutica total", "puntuacion alianza", "puntaje alianza", "alianza trabajo", "alianza de trabajo",
        "alianza media", "puntuacion media", "puntuacion global", "puntaje global", "puntuacion directa",
        "media total", "total wai", "suma total", "wai promedio", "wai global", "valoracion total",
    ),
    "score?": (
        "valor", "resultado", "calificacion", "puntos", "valoracion", "relacion terapeutica", "promedio",
        "valoracion sesion",
    ),
    "goal": (
        "acuerdo objetivos", "acuerdo en objetivos", "acuerdo metas", "acuerdo en metas", "subescala objetivos",
        "subescala metas", "alianza objetivos", "alianza metas",
    ),
    "task": ("acuerdo tareas", "acuerdo en tareas", "subescala tareas", "alianza tareas"),
    "bond": (
        "vinculo terapeutico", "vinculo afectivo", "vinculo emocional", "subescala vinculo", "alianza vinculo", "lazo",
    ),
    "dropped_out": (
        "abandono", "abandona", "abandono terapia", "abandono tratamiento", "abandono de la terapia",
        "abandono del tratamiento", "abandono prematuro", "abandono si no", "abandonada", "desercion", "deserto",
        "desertor", "desercion terapeutica", "desercion tratamiento", "dejo terapia", "dejo la terapia",
        "dejo el tratamiento", "interrupcion tratamiento", "terminacion prematura", "terminacion anticipada",
        "baja anticipada", "finalizacion anticipada", "finalizacion prematura",
    ),
    "dropped_out?": ("interrupcion", "interrumpio", "baja", "baja voluntaria"),
    "reason": (
        "motivo", "razon", "razones", "causa", "conflicto", "tipo conflicto", "motivo conflicto", "motivo exclusion",
        "motivo incompatibilidad", "incompatibilidad", "tipo incompatibilidad", "conflicto interes", "porque",
        "relacion", "tipo relacion", "parentesco", "justificacion",
    ),
    "reason?": ("comentario", "observacion", "observaciones", "nota"),
}  # fmt: skip
